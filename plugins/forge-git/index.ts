/** Keeps proposals in the registry's own repository. */
import { forge } from '../../core/capabilities/forge.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'forge-git',
  description: 'Keeps proposals in the registry’s own repository: a branch and a chain of commits each.',
  needs: { registry },
  provides: [forge],
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      identity: {
        type: 'object',
        description: 'Who writes comments and checks.',
        additionalProperties: false,
        required: ['name', 'email'],
        properties: {
          name: { type: 'string', minLength: 1, description: 'As it stands in `git log`.' },
          email: { type: 'string', minLength: 1, description: 'The address of that author.' },
        },
      },
    },
  },
  async setup(host, given, options) {
    const { GitForge } = await import('./git-forge.ts');
    const followed = given.registry.get('registry');
    const { reference, repository } = followed;
    const identity = options.identity as { readonly name: string; readonly email: string } | undefined;
    const embedded = new GitForge({
      repository,
      base: reference,
      folder: host.machine.folder,
      fetch: () => followed.fetch([reference, 'refs/proposals/*']),
      ...(identity && { identity }),
    });
    host.provide(forge, 'git', embedded);
    host.onStop(() => embedded.stop());
  },
});
