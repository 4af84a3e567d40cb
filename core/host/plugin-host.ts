import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { capabilityNotDeclared, kindDuplicate, kindNotOwned, pluginSetupFailed } from '../errors.ts';
import type {
  Controller,
  Host,
  KindDefinition,
  Logger,
  Machine,
  PluginDefinition,
  Providers,
  Ref,
} from '../plugin.ts';
import type { EventBus } from './events.ts';
import { orderPlugins } from './order.ts';
import { ProviderRegistry } from './providers.ts';
import { schedule } from './schedule.ts';

/** A plugin with the options that platform.yaml gives it. */
export interface LoadedPlugin {
  readonly definition: PluginDefinition;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface PluginHostOptions {
  readonly log: Logger;
  readonly events: EventBus;
  /** Each plugin gets a folder of its own below it. */
  readonly folder: string;
  /** Which environments this process runs. */
  readonly runs: (environment: string) => boolean;
  /** The operator's settings for a plugin. */
  readonly settings: (plugin: string) => Readonly<Record<string, unknown>>;
  readonly wake: (ref: Ref) => void;
  readonly readBlob: (blob: string) => AsyncIterable<Uint8Array>;
}

type Routes = Parameters<Host['routes']>[0];
type Webhooks = Parameters<Host['webhooks']>[0];
type Close = () => Promise<void> | void;
type Open = Close;

/** Starts plugins in order of what they need, holds what they registered, and stops them in reverse. */
export class PluginHost {
  readonly kinds = new Map<string, KindDefinition>();
  readonly controllers = new Map<string, Controller>();
  readonly owners = new Map<string, string>();
  readonly providers = new ProviderRegistry();
  readonly routes = new Map<string, Routes>();
  readonly webhooks = new Map<string, Webhooks>();
  readonly metrics: (() => Promise<string>)[] = [];
  readonly definitions: PluginDefinition[] = [];
  readonly #options: PluginHostOptions;
  readonly #openers: { readonly plugin: string; readonly open: Open }[] = [];
  readonly #closers: { readonly plugin: string; readonly close: Close }[] = [];

  constructor(options: PluginHostOptions) {
    this.#options = options;
  }

  /** A plugin that fails to start stops those before it, in reverse order, and the boot. */
  async start(plugins: readonly LoadedPlugin[]): Promise<void> {
    await this.setUp(plugins);
    for (const { plugin, open } of this.#openers.splice(0)) {
      try {
        await open();
      } catch (thrown) {
        await this.stop();
        throw pluginSetupFailed(plugin, thrown);
      }
    }
  }

  /** Sets plugins up and opens nothing: for who only plans, checks or proposes. */
  async setUp(plugins: readonly LoadedPlugin[]): Promise<void> {
    const optionsOf = new Map(plugins.map(({ definition, options }) => [definition, options]));
    const ordered = orderPlugins(plugins.map(({ definition }) => definition));
    for (const definition of ordered) this.#own(definition);
    for (const definition of ordered) {
      const given: Record<string, Providers<unknown>> = {};
      for (const [key, capability] of Object.entries(definition.needs ?? {})) {
        given[key] = this.providers.providersOf(capability);
      }
      try {
        await definition.setup(await this.#hostFor(definition), given, optionsOf.get(definition) ?? {});
      } catch (thrown) {
        await this.stop();
        throw pluginSetupFailed(definition.name, thrown);
      }
      this.definitions.push(definition);
    }
  }

  /** Closes what was opened, last first. One that fails is logged and does not keep the others from closing. */
  async stop(): Promise<void> {
    for (const { plugin, close } of this.#closers.splice(0).reverse()) {
      try {
        await close();
      } catch (thrown) {
        this.#options.log.error({ plugin, error: String(thrown) }, 'plugin did not stop cleanly');
      }
    }
  }

  #own(definition: PluginDefinition): void {
    for (const kind of definition.kinds ?? []) {
      const owner = this.owners.get(kind.kind);
      if (owner !== undefined) throw kindDuplicate(kind.kind, owner, definition.name);
      this.owners.set(kind.kind, definition.name);
      this.kinds.set(kind.kind, kind);
    }
  }

  async #hostFor(definition: PluginDefinition): Promise<Host> {
    const { name } = definition;
    const { log, events, folder, runs, settings, wake, readBlob } = this.#options;
    const own = join(folder, name.replaceAll(/[^a-z0-9.-]+/gi, '-'));
    await mkdir(own, { recursive: true });
    const machine: Machine = { folder: own, runs, settings: settings(name) };
    const onStart = (open: Open) => void this.#openers.push({ plugin: name, open });
    const onStop = (close: Close) => void this.#closers.push({ plugin: name, close });
    return {
      log,
      machine,
      provide: (capability, provider, implementation) => {
        if (!definition.provides?.some((declared) => declared.name === capability.name)) {
          throw capabilityNotDeclared(name, capability.name);
        }
        this.providers.provide(name, capability, provider, implementation);
      },
      control: (kind, controller) => {
        if (this.owners.get(kind.kind) !== name || this.controllers.has(kind.kind)) {
          throw kindNotOwned(name, kind.kind);
        }
        this.controllers.set(kind.kind, controller as Controller);
      },
      routes: (handler) => void this.routes.set(name, handler),
      webhooks: (handler) => void this.webhooks.set(name, handler),
      on: (event, listener) => onStop(events.on(event, listener) as Close),
      every: (cron, job) => onStart(() => onStop(schedule(cron, job, log))),
      wake,
      readBlob,
      metrics: (collect) => void this.metrics.push(collect),
      onStart,
      onStop,
    };
  }
}
