/** The monitors that this platform runs, as their routes and metrics see them, and who waits for a check. */
import type { Ref, Resource } from '../../core/plugin.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import type { CheckAsked, Checked } from './check.ts';
import type { Asked } from './on-breach.ts';
import { Runner } from './runner.ts';
import type { Find } from './scene.ts';
import type { MonitorState, Owed } from './state.ts';
import type { RunStatus } from './verdict.ts';

export interface MonitorsOptions {
  readonly check: (asked: CheckAsked, signal: AbortSignal) => Promise<Checked>;
  /** Does what a manifest says about a breach. */
  readonly ask: (monitor: Resource<MonitorSpec>, breach: Owed, find: Find) => Promise<Asked | undefined>;
  readonly runs: (environment: string) => boolean;
  readonly wake: (ref: Ref) => void;
  readonly now: () => number;
}

export interface ShownMonitor {
  readonly resource: Resource<MonitorSpec>;
  readonly state: MonitorState;
  /** In milliseconds since 1970: without a check by then, one was missed. */
  readonly nextRunBy: number;
}

export class Monitors {
  readonly runner: Runner;
  readonly #options: MonitorsOptions;
  readonly #shown = new Map<Ref, ShownMonitor>();
  readonly #asked = new Set<Ref>();
  readonly #listeners = new Map<Ref, Set<() => void>>();
  readonly #counts = new Map<Ref, Map<RunStatus, number>>();

  constructor(options: MonitorsOptions) {
    this.#options = options;
    const { check, now, wake } = options;
    this.runner = new Runner({ check, now, ended: wake });
  }

  now(): number {
    return this.#options.now();
  }

  ask(monitor: Resource<MonitorSpec>, breach: Owed, find: Find): Promise<Asked | undefined> {
    return this.#options.ask(monitor, breach, find);
  }

  runs(environment: string): boolean {
    return this.#options.runs(environment);
  }

  get all(): readonly ShownMonitor[] {
    return [...this.#shown.values()].sort((one, other) => (one.resource.ref < other.resource.ref ? -1 : 1));
  }

  get(name: string): ShownMonitor | undefined {
    return this.all.find(({ resource }) => resource.metadata.name === name);
  }

  show(shown: ShownMonitor): void {
    this.#shown.set(shown.resource.ref, shown);
  }

  forget(ref: Ref): void {
    this.runner.cancel(ref);
    this.#shown.delete(ref);
    this.#asked.delete(ref);
    this.#counts.delete(ref);
    this.#call(ref);
  }

  /** A check that was asked for by hand is to begin. */
  takeAsked(ref: Ref): boolean {
    return this.#asked.delete(ref);
  }

  /** Checks how many checks ended how, since the platform began. */
  counts(ref: Ref): ReadonlyMap<RunStatus, number> {
    return this.#counts.get(ref) ?? new Map();
  }

  /** What came of a check shows now. */
  tell(ref: Ref): void {
    const status = this.#shown.get(ref)?.state.history[0]?.status;
    if (status !== undefined) {
      const counts = this.#counts.get(ref) ?? new Map<RunStatus, number>();
      this.#counts.set(ref, counts.set(status, (counts.get(status) ?? 0) + 1));
    }
    this.#call(ref);
  }

  /** Asks for a check now. Resolves once one has ended, or with false when it takes longer. */
  run(ref: Ref, patienceMs: number, signal: AbortSignal): Promise<boolean> {
    const listeners = this.#listeners.get(ref) ?? new Set();
    this.#listeners.set(ref, listeners);
    this.#asked.add(ref);
    this.#options.wake(ref);
    return new Promise((resolve) => {
      const end = (isOver: boolean) => () => {
        clearTimeout(late);
        listeners.delete(over);
        resolve(isOver);
      };
      const over = end(true);
      const late = setTimeout(end(false), patienceMs);
      signal.addEventListener('abort', end(false), { once: true });
      listeners.add(over);
    });
  }

  #call(ref: Ref): void {
    for (const listener of [...(this.#listeners.get(ref) ?? [])]) listener();
    this.#listeners.delete(ref);
  }
}
