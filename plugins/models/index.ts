import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { definePlugin } from '../../core/plugin.ts';
import { defaultLicences, licenceCheck } from './checks/licence-check.ts';
import { lineageCheck } from './checks/lineage-check.ts';
import { modelCardCheck } from './checks/model-card-check.ts';
import { semanticVersionCheck } from './checks/semantic-version-check.ts';
import { signatureCheck } from './checks/signature-check.ts';
import { datasetKind } from './dataset.ts';
import { datasetController } from './dataset-controller.ts';
import { modelKind } from './model.ts';
import { modelController } from './model-controller.ts';
import { modelVersionKind } from './model-version.ts';
import { modelVersionController } from './model-version-controller.ts';

export const plugin = definePlugin({
  name: 'models',
  description: 'Models, their versions, and the datasets that they are made from.',
  kinds: [modelKind, modelVersionKind, datasetKind],
  provides: [proposalCheck],
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
  setup(host, _given, { allowedLicences }) {
    const readBlob = (blob: string) => host.readBlob(blob);
    host.control(modelKind, modelController());
    host.control(modelVersionKind, modelVersionController(readBlob));
    host.control(datasetKind, datasetController(readBlob));
    host.provide(proposalCheck, 'signature', signatureCheck);
    host.provide(proposalCheck, 'semantic-version', semanticVersionCheck);
    host.provide(proposalCheck, 'model-card', modelCardCheck);
    host.provide(proposalCheck, 'lineage', lineageCheck);
    host.provide(proposalCheck, 'licence', licenceCheck((allowedLicences as string[]) ?? defaultLicences));
  },
});
