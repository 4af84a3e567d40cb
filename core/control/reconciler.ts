import { WorkQueue } from '../../libraries/work-queue/index.ts';
import type { EventBus } from '../host/events.ts';
import {
  type Controller,
  codeOf,
  type JournalEntry,
  type Logger,
  messageOf,
  type Outcome,
  type Ref,
  type Related,
  type Request,
  type Resource,
  ready,
  type Status,
  suspendAnnotation,
} from '../plugin.ts';
import { Cells } from '../state/cells.ts';
import type { Store } from '../state/store.ts';
import { backoff } from './backoff.ts';
import type { Clock } from './clock.ts';
import { differs, readyOf, statusFrom } from './conditions.ts';
import { isSuspended } from './suspension.ts';

/** What the world should become: the newest admitted snapshot, broken documents replaced by their last good version. */
export interface Goal {
  readonly commit: string;
  readonly resources: ReadonlyMap<Ref, Resource>;
  /** Documents whose newest version is not valid, and why. */
  readonly invalid: ReadonlyMap<Ref, { readonly reason: string; readonly message: string }>;
  readonly referrers: ReadonlyMap<Ref, ReadonlySet<Ref>>;
  related(resource: Resource): Related;
}

export interface ReconcilerOptions {
  readonly store: Store;
  readonly events: EventBus;
  readonly clock: Clock;
  readonly log: Logger;
  /** By kind. */
  readonly controllers: ReadonlyMap<string, Controller>;
  readonly concurrency: number;
  /** Called after each run, for metrics. */
  readonly observe?: (kind: string, result: string, seconds: number) => void;
}

/**
 * Keeps asking each resource's controller to make the world match the goal. Level-triggered: a run looks at the
 * newest goal, whatever asked for it. It alone writes conditions.
 */
export class Reconciler {
  readonly queue: WorkQueue;
  readonly #options: ReconcilerOptions;
  readonly #statuses = new Map<Ref, Status>();
  /** Resources that vanished and whose controller has not yet answered that all is undone. */
  readonly #leaving = new Map<Ref, Resource>();
  readonly #attempts = new Map<Ref, number>();
  readonly #cells: Cells;
  #goal: Goal | undefined;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    this.#cells = new Cells(options.store);
    this.queue = new WorkQueue({
      concurrency: options.concurrency,
      clock: options.clock,
      work: (ref, signal) => this.#work(ref, signal),
    });
  }

  status(ref: Ref): Status | undefined {
    return this.#statuses.get(ref);
  }

  statuses(): ReadonlyMap<Ref, Status> {
    return this.#statuses;
  }

  /** Takes over what an earlier run of the kernel wrote. */
  resume(statuses: readonly Status[]): void {
    for (const status of statuses) this.#statuses.set(status.ref, status);
  }

  /**
   * Takes a new goal. `changed` are worked on first to last, pre-empting what is under way on them; `removed` are
   * undone. A newer goal takes the place of an older one at once.
   */
  pursue(goal: Goal, changed: readonly Ref[], removed: readonly Resource[]): void {
    const before = this.#goal?.invalid;
    this.#goal = goal;
    for (const resource of removed) this.#leaving.set(resource.ref, resource);
    for (const ref of changed) {
      this.#leaving.delete(ref);
      this.#attempts.delete(ref);
      this.queue.preempt(ref);
    }
    for (const resource of removed) this.queue.preempt(resource.ref);
    for (const ref of new Set([...goal.invalid.keys(), ...(before?.keys() ?? [])])) {
      if (goal.invalid.get(ref)?.message !== before?.get(ref)?.message) this.queue.add(ref);
    }
  }

  /** Asks for one resource to be looked at soon. */
  wake(ref: Ref): void {
    if (this.#goal?.resources.has(ref) || this.#leaving.has(ref)) this.queue.add(ref);
  }

  stop(): Promise<void> {
    return this.queue.stop();
  }

  /** Appends to the journal and tells who listens. */
  async record(entry: Omit<JournalEntry, 'sequence' | 'time'>): Promise<void> {
    const time = this.#time();
    const appended = await this.#options.store.append({ ...entry, time });
    this.#options.events.emit('journal.appended', { entry: appended });
  }

  async #work(ref: Ref, signal: AbortSignal): Promise<void> {
    const goal = this.#goal;
    if (goal === undefined) return;
    const resource = goal.resources.get(ref);
    const leaving = this.#leaving.get(ref);
    const started = performance.now();
    let result = 'ready';
    try {
      if (resource) result = await this.#reconcile(goal, resource, signal);
      else if (leaving) result = await this.#remove(goal, leaving, signal);
      else await this.#settleInvalid(goal, ref);
      this.#attempts.delete(ref);
    } catch (thrown) {
      result = await this.#fail(goal, resource ?? leaving, ref, thrown, signal);
    }
    this.#options.observe?.(ref.slice(0, ref.indexOf('/')), result, (performance.now() - started) / 1000);
  }

  async #reconcile(goal: Goal, resource: Resource, signal: AbortSignal): Promise<string> {
    const { ref } = resource;
    if (isSuspended(resource)) {
      await this.#suspend(goal, resource);
      return 'suspended';
    }
    const controller = this.#options.controllers.get(resource.kind);
    const outcome = controller
      ? await controller.reconcile(await this.#request(goal, resource, signal))
      : ready('Accepted', 'the manifest is valid');
    if (signal.aborted) return 'preempted';
    await this.#conclude(goal, resource, outcome);
    if (outcome.checkAfter !== undefined) this.queue.addAfter(ref, outcome.checkAfter);
    return outcome.state;
  }

  async #remove(goal: Goal, resource: Resource, signal: AbortSignal): Promise<string> {
    const { ref } = resource;
    const controller = this.#options.controllers.get(resource.kind);
    const outcome = await controller?.remove?.(await this.#request(goal, resource, signal));
    if (signal.aborted) return 'preempted';
    if (outcome && outcome.state !== 'ready') {
      await this.#conclude(goal, resource, outcome);
      if (outcome.checkAfter !== undefined) this.queue.addAfter(ref, outcome.checkAfter);
      return outcome.state;
    }
    await this.#cells.remove(ref);
    await this.#options.store.removeStatus(ref);
    await this.#options.store.removeInventory(ref);
    this.#statuses.delete(ref);
    this.#leaving.delete(ref);
    this.#options.events.emit('resource.removed', { ref });
    await this.record({
      type: 'resource.removed',
      ref,
      commit: goal.commit,
      message: `${ref} was removed`,
      data: {},
    });
    return 'removed';
  }

  /** A document that was never valid has no resource, yet its state must be seen; one that went away, no more. */
  async #settleInvalid(goal: Goal, ref: Ref): Promise<void> {
    const invalid = goal.invalid.get(ref);
    if (invalid === undefined) {
      if (this.#statuses.delete(ref)) {
        await this.#options.store.removeStatus(ref);
        this.#options.events.emit('resource.removed', { ref });
      }
      return;
    }
    const time = this.#time();
    const ready = { type: 'Ready', status: 'False', ...invalid } as const;
    await this.#write({
      ref,
      conditions: [{ ...ready, observedCommit: goal.commit, lastTransitionTime: time }],
      observedDigest: '',
      suspended: false,
    });
  }

  async #suspend(goal: Goal, resource: Resource): Promise<void> {
    const previous = this.#statuses.get(resource.ref);
    const unknown = {
      type: 'Ready',
      status: 'Unknown',
      reason: 'Suspended',
      message: `the annotation ${suspendAnnotation} keeps this resource as it is`,
      observedCommit: goal.commit,
      lastTransitionTime: this.#time(),
    } as const;
    await this.#write({
      ref: resource.ref,
      conditions: previous?.conditions ?? [unknown],
      observedDigest: previous?.observedDigest ?? '',
      suspended: true,
      ...(previous?.facts ? { facts: previous.facts } : {}),
    });
  }

  async #fail(
    goal: Goal,
    resource: Resource | undefined,
    ref: Ref,
    thrown: unknown,
    signal: AbortSignal,
  ): Promise<string> {
    if (signal.aborted) return 'preempted';
    const attempt = (this.#attempts.get(ref) ?? 0) + 1;
    this.#attempts.set(ref, attempt);
    const wait = backoff(attempt);
    this.#options.log.warn(
      { ref, attempt, retryInMs: wait, code: codeOf(thrown), error: messageOf(thrown) },
      'reconcile failed',
    );
    this.queue.addAfter(ref, wait);
    if (resource) {
      const facts = this.#statuses.get(ref)?.facts;
      const because = { reason: codeOf(thrown), message: messageOf(thrown), ...(facts && { facts }) };
      const outcome: Outcome = {
        state: 'waiting',
        ...because,
        progressing: { reason: 'Retrying', message: `attempt ${attempt} failed; trying again` },
      };
      try {
        await this.#conclude(goal, resource, outcome);
      } catch (second) {
        this.#options.log.error({ ref, error: messageOf(second) }, 'status could not be stored');
      }
    }
    return 'failed';
  }

  async #conclude(goal: Goal, resource: Resource, outcome: Outcome): Promise<void> {
    const previous = this.#statuses.get(resource.ref);
    const invalid = goal.invalid.get(resource.ref);
    const status = statusFrom(outcome, {
      resource,
      commit: goal.commit,
      time: this.#time(),
      previous,
      ...(invalid ? { invalid } : {}),
    });
    await this.#write(status);
  }

  async #write(status: Status): Promise<void> {
    const previous = this.#statuses.get(status.ref);
    if (!differs(previous, status) && previous?.observedDigest === status.observedDigest) return;
    await this.#options.store.putStatus(status);
    this.#statuses.set(status.ref, status);
    if (!differs(previous, status)) return;
    this.#options.events.emit('resource.status', { ref: status.ref, status });
    const before = readyOf(previous);
    const after = readyOf(status);
    if (before?.status !== after?.status || before?.reason !== after?.reason) {
      for (const referrer of this.#goal?.referrers.get(status.ref) ?? []) this.wake(referrer);
    }
  }

  async #request(goal: Goal, resource: Resource, signal: AbortSignal): Promise<Request> {
    const { log } = this.#options;
    const { ref } = resource;
    return {
      resource,
      commit: goal.commit,
      related: goal.related(resource),
      cell: await this.#cells.get(ref),
      save: (cell) => this.#cells.put(ref, cell),
      status: (other) => this.#statuses.get(other),
      record: (type, message, data = {}) => this.record({ type, ref, commit: goal.commit, message, data }),
      signal,
      log,
    };
  }

  #time(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
