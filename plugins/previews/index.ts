/** Lets people try a proposal before it merges: its versions answer apart from production. */
import { forge } from '../../core/capabilities/forge.ts';
import { modelPreview } from '../../core/capabilities/model-preview.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';

export const plugin = definePlugin({
  name: 'previews',
  description: 'Lets people try the versions of a proposal before it merges.',
  needs: { forges: forge, registries: registry, runtimes: modelPreview },
  options: {
    type: 'object',
    additionalProperties: false,
    properties: {
      forge: {
        description: 'The forge on which the proposals are: git, github, gitlab or gitea. Default git.',
        type: 'string',
        minLength: 1,
        examples: ['github'],
      },
    },
  },
  async setup(host, given, options) {
    const { setUpPreviews } = await import('./setup.ts');
    setUpPreviews(host, given, typeof options.forge === 'string' ? options.forge : 'git');
  },
});
