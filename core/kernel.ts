import type { Source } from '../libraries/git/source.ts';
import { admission } from './capabilities/admission.ts';
import { backoff } from './control/backoff.ts';
import { type Clock, systemClock } from './control/clock.ts';
import { acknowledgementOf, Convergence } from './control/convergence.ts';
import { Reconciler } from './control/reconciler.ts';
import { acknowledgeRefused, nothingHeld, resourceNotFound } from './errors.ts';
import { EventBus } from './host/events.ts';
import { kernelRegistry } from './host/kernel-registry.ts';
import { platformPlugin, type RestartOptions } from './host/platform-plugin.ts';
import { type LoadedPlugin, PluginHost } from './host/plugin-host.ts';
import type { Head, Kernel, PluginView, ResourceView } from './kernel-api.ts';
import { KernelMetrics } from './kernel-metrics.ts';
import type { Issue } from './manifest/issue.ts';
import { openParseCache, type StoredParseCache } from './manifest/parse-cache.ts';
import {
  codeOf,
  type Events,
  type JournalEntry,
  type KindDefinition,
  type Logger,
  messageOf,
  type Ref,
  type WebhookDelivery,
} from './plugin.ts';
import type { JournalQuery, PlanRecord, SnapshotRecord, Store } from './state/store.ts';

export type { Head, Kernel, PluginView, ResourceView } from './kernel-api.ts';

export interface KernelOptions {
  /** Opened by the caller, whose `onLook` calls `kernel.noticed()`. */
  readonly source: Source;
  readonly store: Store;
  readonly plugins: readonly LoadedPlugin[];
  /** Where plugins keep their files. */
  readonly folder: string;
  readonly log: Logger;
  readonly clock?: Clock;
  /** Plans each commit and applies none. */
  readonly dryRun?: boolean;
  /** How many resources may be reconciled at once. Default 16. */
  readonly concurrency?: number;
  /** Which environments this process runs. Default: all. */
  readonly runs?: (environment: string) => boolean;
  /** The operator's settings for a plugin. */
  readonly settings?: (plugin: string) => Readonly<Record<string, unknown>>;
  /** What platform.yaml asks for differs from what runs: whether it can be loaded, and how to start anew with it. */
  readonly restart?: RestartOptions;
}

/**
 * Starts a kernel: plugins, then what an earlier run left, then the first look at the registry. Resolves once the
 * plugins run; `phase` tells when the first commit has been applied. Throws what a plugin throws at its start.
 */
export async function startKernel(options: KernelOptions): Promise<Kernel> {
  const kernel = new RunningKernel(options);
  await kernel.start();
  return kernel;
}

class RunningKernel implements Kernel {
  readonly #options: KernelOptions;
  readonly #events: EventBus;
  readonly #host: PluginHost;
  readonly #reconciler: Reconciler;
  readonly #metrics: KernelMetrics;
  readonly #clock: Clock;
  #convergence: Convergence | undefined;
  #cache: StoredParseCache | undefined;
  #phase: Kernel['phase'] = 'starting';
  #commit: string | null = null;
  #error: Head['error'] = null;
  #lookedAt: string | null = null;
  #wanted = false;
  #looking: Promise<void> | undefined;
  #retry: (() => void) | undefined;
  #failures = 0;

  constructor(options: KernelOptions) {
    const { source, store, log } = options;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#events = new EventBus(log);
    this.#metrics = new KernelMetrics();
    this.#host = new PluginHost({
      log,
      events: this.#events,
      folder: options.folder,
      runs: options.runs ?? (() => true),
      settings: options.settings ?? (() => ({})),
      wake: (ref) => this.#reconciler.wake(ref),
      readBlob: (blob) => source.repository.openBlob(blob),
    });
    this.#reconciler = new Reconciler({
      store,
      events: this.#events,
      clock: this.#clock,
      log,
      controllers: this.#host.controllers,
      concurrency: options.concurrency ?? 16,
      observe: (kind, result, seconds) => this.#metrics.reconciled(kind, result, seconds),
    });
  }

  async start(): Promise<void> {
    const { source, store, plugins, restart, dryRun = false } = this.#options;
    const registry = kernelRegistry({
      source,
      store,
      host: this.#host,
      reconciler: this.#reconciler,
      cache: () => this.#cache,
      applied: () => this.#convergence?.appliedCommit ?? null,
      snapshot: () => this.#convergence?.snapshot,
      head: () => ({ ...this.head(), held: this.#convergence?.held ?? null }),
    });
    const own = { definition: platformPlugin(plugins, restart, registry), options: {} };
    await this.#host.start([own, ...plugins]);
    const { kinds, controllers, owners } = this.#host;
    this.#cache = await openParseCache(store);
    this.#convergence = new Convergence({
      repository: source.repository,
      store,
      reconciler: this.#reconciler,
      events: this.#events,
      clock: this.#clock,
      cache: this.#cache,
      kinds,
      controllers,
      owners,
      admissions: this.#host.providers.providersOf(admission),
      dryRun,
    });
    this.#reconciler.resume(await store.statuses());
    await this.#convergence.resume();
    this.noticed();
  }

  get phase(): Kernel['phase'] {
    return this.#phase;
  }

  look(): void {
    this.#options.source.look();
  }

  noticed(): void {
    if (this.#phase === 'stopping' || this.#convergence === undefined) return;
    this.#wanted = true;
    this.#looking ??= this.#lookUntilSeen(this.#convergence).finally(() => {
      this.#looking = undefined;
      if (this.#wanted) this.noticed();
    });
  }

  /** One look at a time; said while looking, one more. A look that fails is tried again, later each time. */
  async #lookUntilSeen(convergence: Convergence): Promise<void> {
    while (this.#wanted && this.#phase !== 'stopping') {
      this.#wanted = false;
      this.#retry?.();
      this.#retry = undefined;
      const started = performance.now();
      try {
        const commit = await this.#options.source.head();
        this.#lookedAt = new Date(this.#clock.now()).toISOString();
        if (commit === undefined) continue; // a repository without a commit yet
        const isNew = commit !== this.#commit;
        this.#commit = commit;
        await convergence.to(commit);
        if (isNew) this.#metrics.converged((performance.now() - started) / 1000);
        if (convergence.appliedCommit !== null && this.#phase === 'starting') this.#phase = 'running';
        this.#error = null;
        this.#failures = 0;
      } catch (thrown) {
        this.#lookFailed(thrown);
      }
    }
  }

  #lookFailed(thrown: unknown): void {
    const error = { code: codeOf(thrown), message: messageOf(thrown) };
    if (error.message !== this.#error?.message) this.#options.log.error(error, 'the registry cannot be read');
    this.#error = error;
    this.#failures += 1;
    this.#retry = this.#clock.after(backoff(this.#failures), () => this.noticed());
  }

  head(): Head {
    const { source } = this.#options;
    const sourceError = source.lastError;
    return {
      repository: source.description,
      reference: source.reference,
      commit: this.#commit,
      applied: this.#convergence?.appliedCommit ?? null,
      held: viewOf(this.#convergence?.held),
      error:
        this.#error ?? (sourceError ? { code: codeOf(sourceError), message: messageOf(sourceError) } : null),
      lookedAt: this.#lookedAt,
    };
  }

  resources(): readonly ResourceView[] {
    const refs = new Set(this.#convergence?.applied.keys());
    for (const ref of this.#reconciler.statuses().keys()) refs.add(ref);
    const issues = this.#issuesByRef();
    return [...refs].sort().map((ref) => this.#view(ref, issues.get(ref) ?? []));
  }

  resource(ref: Ref): ResourceView | undefined {
    const view = this.#view(ref, this.#issuesByRef().get(ref) ?? []);
    return view.resource || view.status || view.issues.length > 0 ? view : undefined;
  }

  #view(ref: Ref, issues: readonly Issue[]): ResourceView {
    return {
      ref,
      kind: ref.slice(0, ref.indexOf('/')),
      resource: this.#convergence?.applied.get(ref),
      status: this.#reconciler.status(ref),
      issues,
    };
  }

  #issuesByRef(): ReadonlyMap<Ref, readonly Issue[]> {
    const byRef = new Map<Ref, Issue[]>();
    for (const issue of this.issues()) {
      if (issue.ref === undefined) continue;
      const others = byRef.get(issue.ref);
      if (others) others.push(issue);
      else byRef.set(issue.ref, [issue]);
    }
    return byRef;
  }

  issues(): readonly Issue[] {
    return this.#convergence?.issues ?? [];
  }

  kinds(): readonly KindDefinition[] {
    return [...this.#host.kinds.values()];
  }

  plugins(): readonly PluginView[] {
    return this.#host.definitions.map((definition) => ({
      name: definition.name,
      description: definition.description,
      kinds: (definition.kinds ?? []).map(({ kind }) => kind),
      provides: this.#host.providers.of(definition.name),
      needs: Object.values(definition.needs ?? {}).map(({ name }) => name),
    }));
  }

  snapshots(limit: number): Promise<readonly SnapshotRecord[]> {
    return this.#options.store.snapshots(limit);
  }

  snapshot(commit: string): Promise<SnapshotRecord | undefined> {
    return this.#options.store.snapshot(commit);
  }

  plans(limit: number): Promise<readonly PlanRecord[]> {
    return this.#options.store.plans(limit);
  }

  plan(to: string): Promise<PlanRecord | undefined> {
    return this.#options.store.plan(to);
  }

  journal(query: JournalQuery): Promise<readonly JournalEntry[]> {
    return this.#options.store.journal(query);
  }

  wake(ref: Ref): void {
    if (this.resource(ref) === undefined) throw resourceNotFound(ref);
    this.#reconciler.wake(ref);
  }

  async acknowledge(commit: string, by: string): Promise<void> {
    const held = this.#convergence?.held;
    if (held?.commit === commit && held.reason === 'SnapshotRejected') {
      throw acknowledgeRefused(commit, held.message);
    }
    if (held?.commit !== commit || held.reason !== 'MassRemovalHeld') throw nothingHeld(commit);
    const { store } = this.#options;
    await this.#reconciler.record({
      type: 'snapshot.acknowledged',
      ref: null,
      commit,
      message: `${by} let the held commit through: ${held.message}`,
      data: { by, reason: held.reason },
    });
    await store.putNote(acknowledgementOf(commit), { by, time: new Date(this.#clock.now()).toISOString() });
    this.noticed();
  }

  on<Name extends keyof Events>(event: Name, listener: (payload: Events[Name]) => void): () => void {
    return this.#events.on(event, listener);
  }

  async metrics(): Promise<string> {
    const own = await this.#metrics.collect({
      head: this.head(),
      resources: this.resources(),
      issues: this.issues(),
      queueDepth: this.#reconciler.queue.depth,
    });
    const others = await Promise.all(this.#host.metrics.map((collect) => collect()));
    return [own, ...others].map((text) => (text.endsWith('\n') ? text : `${text}\n`)).join('');
  }

  route(plugin: string, path: string, request: globalThis.Request): Promise<Response | undefined> {
    return this.#host.routes.get(plugin)?.(request, path) ?? Promise.resolve(undefined);
  }

  webhook(plugin: string, delivery: WebhookDelivery): Promise<Response | undefined> {
    return this.#host.webhooks.get(plugin)?.(delivery) ?? Promise.resolve(undefined);
  }

  async idle(): Promise<void> {
    do {
      await this.#looking;
      await this.#reconciler.queue.idle();
    } while (this.#looking);
  }

  async stop(): Promise<void> {
    this.#phase = 'stopping';
    this.#retry?.();
    await this.#looking;
    await this.#reconciler.stop();
    await this.#host.stop();
    await this.#cache?.save();
  }
}

function viewOf(held: Head['held'] | undefined): Head['held'] {
  if (held === undefined || held === null) return null;
  const { commit, reason, message } = held;
  return { commit, reason, message };
}
