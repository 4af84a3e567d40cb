import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pluginSetupFailed } from '../../core/errors.ts';
import { platformPlugin } from '../../core/host/platform-plugin.ts';
import type { LoadedPlugin } from '../../core/host/plugin-host.ts';
import type { Controller, Host, Logger, Providers } from '../../core/plugin.ts';
import { notWhilePlanning } from '../errors.ts';

export interface PlanningControllers {
  readonly controllers: ReadonlyMap<string, Controller>;
  /** Kind → plugin. */
  readonly owners: ReadonlyMap<string, string>;
}

/**
 * The controllers of some plugins, for their `plan` alone. Only plugins that own kinds are set up, and nothing that they
 * register runs: no route, no job, no event. What they are given of others answers nothing. Whatever they opened is
 * closed before this returns.
 */
export async function planningControllers(plugins: readonly LoadedPlugin[]): Promise<PlanningControllers> {
  const all = [{ definition: platformPlugin(plugins, undefined, undefined), options: {} }, ...plugins];
  const controllers = new Map<string, Controller>();
  const owners = new Map<string, string>();
  const closers: (() => Promise<void> | void)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'switchyard-plan-'));
  try {
    for (const { definition, options } of all) {
      for (const { kind } of definition.kinds ?? []) owners.set(kind, definition.name);
      if ((definition.kinds ?? []).length === 0) continue;
      const given = Object.fromEntries(
        Object.keys(definition.needs ?? {}).map((name) => [name, nothingGiven]),
      );
      try {
        await definition.setup(hostFor(folder, controllers, closers), given, options);
      } catch (error) {
        throw pluginSetupFailed(definition.name, error);
      }
    }
    return { controllers, owners };
  } finally {
    for (const close of closers.reverse()) await close();
    await rm(folder, { recursive: true, force: true });
  }
}

function hostFor(
  folder: string,
  controllers: Map<string, Controller>,
  closers: (() => Promise<void> | void)[],
): Host {
  return {
    log: silent,
    machine: { folder, runs: () => true, settings: {} },
    provide: () => {},
    control: (kind, controller) => void controllers.set(kind.kind, controller as Controller),
    routes: () => {},
    webhooks: () => {},
    on: () => {},
    every: () => {},
    wake: () => {},
    readBlob: () => {
      throw notWhilePlanning();
    },
    metrics: () => {},
    onStart: () => {},
    onStop: (close) => void closers.push(close),
  };
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

/** A provider can be held, as a plugin does in its setup, but not called: planning is pure. */
const nothingGiven: Providers<unknown> = {
  get: () =>
    new Proxy(
      {},
      {
        get: () => () => {
          throw notWhilePlanning();
        },
      },
    ),
  names: () => [],
};
