/** Lets people try a proposal before it merges: its versions answer apart from production. */
import { forge } from '../../core/capabilities/forge.ts';
import { modelPreview } from '../../core/capabilities/model-preview.ts';
import { registry } from '../../core/capabilities/registry.ts';
import { definePlugin } from '../../core/plugin.ts';
import { Previews } from './previews.ts';
import { previewRoutes } from './routes.ts';
import { previewSettings } from './settings.ts';

const sweepEveryMs = 15_000;

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
  setup(host, { forges, registries, runtimes }, options) {
    const forgeName = typeof options.forge === 'string' ? options.forge : 'git';
    const previews = new Previews({
      forge: () => forges.get(forgeName),
      registry: () => registries.get('registry'),
      runtime: () => runtimes.get(runtimes.names()[0] ?? 'onnxruntime'),
      settings: previewSettings(host.machine.settings),
      log: host.log,
      now: () => performance.now(),
    });
    host.routes(previewRoutes(previews));
    host.onStart(() => {
      let isSweeping = false;
      const timer = setInterval(async () => {
        if (isSweeping) return;
        isSweeping = true;
        await previews.sweep().finally(() => {
          isSweeping = false;
        });
      }, sweepEveryMs).unref();
      host.onStop(() => clearInterval(timer));
    });
    host.onStop(() => previews.close());
  },
});
