import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { loadPlugins } from '../core/host/load-plugins.ts';
import { type Kernel, startKernel } from '../core/kernel.ts';
import type { Logger } from '../core/plugin.ts';
import { openStore } from '../core/state/open-store.ts';
import { openSource } from '../libraries/git/source.ts';
import type { Configuration } from './configuration.ts';
import { declaredPlugins } from './declared-plugins.ts';
import { pluginImporter } from './import-plugin.ts';
import type { Telemetry } from './telemetry/telemetry.ts';

export interface Composition {
  readonly kernel: Kernel;
  /** Stops the kernel and closes what it stood on, last opened first. */
  close(): Promise<void>;
}

export interface ComposeOptions {
  readonly configuration: Configuration;
  readonly log: Logger;
  /** Where the operator's plugins are looked for. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Asks for a new control process: platform.yaml names other plugins. */
  readonly restart: () => void;
  /** Watches what plugins do; absent where nobody wants to know. */
  readonly telemetry?: Pick<Telemetry, 'plugins' | 'follow'>;
}

/** Puts the parts together: source and store, the plugins that platform.yaml names, and the kernel on top. */
export async function compose(options: ComposeOptions): Promise<Composition> {
  const { configuration, log, folder, environment, restart, telemetry } = options;
  const { dataFolder } = configuration;
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const closer of closers.splice(0).reverse()) await closer();
  };
  try {
    let kernel: Kernel | undefined;
    const source = await openSource({
      location: configuration.repository,
      reference: configuration.reference,
      folder: join(dataFolder, 'source'),
      interval: configuration.intervalMs,
      ...(configuration.git === 'auto' ? {} : { implementation: configuration.git }),
      log,
      environment,
      onLook: () => kernel?.noticed(),
    });
    closers.push(() => source.close());
    const store = await openStore({ folder: dataFolder, log });
    closers.push(() => store.close());
    const importPlugin = pluginImporter({ folder, settings: configuration.plugins });
    const head = await source.head();
    const [last] = await store.journal({ type: 'snapshot.applied', limit: 1 });
    const applied = last?.commit ?? undefined;
    const { repository } = source;
    const { declared, loaded } = await declaredPlugins({ repository, head, applied, importPlugin, log });
    const wanted = new Set(configuration.environments);
    kernel = await startKernel({
      source,
      store,
      log,
      plugins: telemetry?.plugins(loaded) ?? loaded,
      folder: join(dataFolder, 'plugins'),
      dryRun: configuration.dryRun,
      runs: (name) => wanted.size === 0 || wanted.has(name),
      settings: (plugin) => configuration.plugins[plugin] ?? {},
      restart: {
        running: declared,
        tryLoad: async (next) => void (await loadPlugins(next, importPlugin)),
        restart,
      },
    });
    const running = kernel;
    telemetry?.follow(running);
    closers.push(() => running.stop());
    return { kernel, close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}
