import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { referenceProfiles } from '../../core/capabilities/reference-profiles.ts';
import { definePlugin } from '../../core/plugin.ts';
import { datasetKind } from './dataset.ts';
import { modelKind } from './model.ts';
import { modelVersionKind } from './model-version.ts';

export const plugin = definePlugin({
  name: 'models',
  description: 'Models, their versions, and the datasets that they are made from.',
  kinds: [modelKind, modelVersionKind, datasetKind],
  provides: [proposalCheck, referenceProfiles],
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      allowedLicences: {
        description: 'Licences under which models and their data may stand, by their SPDX or hub names.',
        type: 'array',
        items: { type: 'string', minLength: 1 },
        minItems: 1,
        uniqueItems: true,
        examples: [['apache-2.0', 'mit', 'cc-by-4.0']],
      },
    },
  },
  async setup(host, _given, { allowedLicences }) {
    const { setUpModels } = await import('./setup.ts');
    setUpModels(host, allowedLicences as readonly string[] | undefined);
  },
});
