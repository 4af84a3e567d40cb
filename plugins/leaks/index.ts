import { proposalCheck } from '../../core/capabilities/proposal-check.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';

const mebibyte = 1024 * 1024;

export const plugin = definePlugin({
  name: 'leaks',
  description: 'Keeps secrets and large files out of the registry’s history.',
  needs: { registry },
  provides: [proposalCheck],
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      maxFileMiB: {
        description: 'The largest file that no manifest declares, in MiB. Default 1.',
        type: 'number',
        exclusiveMinimum: 0,
        examples: [1],
      },
      maxDeclaredFileMiB: {
        description: 'The largest artifact, card or data file that a manifest declares, in MiB. Default 50.',
        type: 'number',
        exclusiveMinimum: 0,
        examples: [50],
      },
    },
  },
  async setup(host, given, { maxFileMiB = 1, maxDeclaredFileMiB = 50 }) {
    const { leakedSecretsCheck } = await import('./leaked-secrets-check.ts');
    const { largeFilesCheck } = await import('./large-files-check.ts');
    const own = given.registry.get('registry');
    const limits = { file: Number(maxFileMiB) * mebibyte, declared: Number(maxDeclaredFileMiB) * mebibyte };
    host.provide(proposalCheck, 'leaked-secrets', leakedSecretsCheck(own));
    host.provide(proposalCheck, 'large-files', largeFilesCheck(own, limits));
  },
});
