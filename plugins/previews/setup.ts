import type { Forge } from '../../core/capabilities/forge.ts';
import type { ModelPreview } from '../../core/capabilities/model-preview.ts';
import type { Registry } from '../../core/capabilities/registry.ts';
import type { Host, Providers } from '../../core/plugin.ts';
import { Previews } from './previews.ts';
import { previewRoutes } from './routes.ts';
import { previewSettings } from './settings.ts';

const sweepEveryMs = 15_000;

export interface PreviewsGiven {
  readonly forges: Providers<Forge>;
  readonly registries: Providers<Registry>;
  readonly runtimes: Providers<ModelPreview>;
}

/** What runs of this plugin, apart from its declaration. */
export function setUpPreviews(
  host: Host,
  { forges, registries, runtimes }: PreviewsGiven,
  forgeName: string,
): void {
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
}
