import type { Log } from '../log.ts';
import type { HangWatch } from './hang-watch.ts';
import { LowThreads } from './low-threads.ts';
import { countOf, place, processorsOfProcess, without } from './processors.ts';

export interface EventLoopProcessorsOptions {
  /** How many worker threads leave free; one is theirs in any case. */
  readonly count: number;
  readonly log: Log;
  readonly now?: () => number;
}

const lookMs = 1_000;
/** Milliseconds without a run on the event loop after which worker threads have all processors. */
const keptMs = 10_000;
/** Milliseconds after which it is asked again what this process may run on: who runs the machine seldom changes it. */
const sameMs = 10_000;

/**
 * Keeps worker threads off some processors while versions on the event loop are asked. A rank alone does not: the kernel lets
 * a thread that began its slice finish it, and where heavy runs are on every processor, each answer may have to wait for one.
 */
export class EventLoopProcessors {
  readonly #options: Required<EventLoopProcessorsOptions>;
  readonly #timer: NodeJS.Timeout | undefined;
  #wasAsked = false;
  #lastAsked = Number.NEGATIVE_INFINITY;
  /** Threads that are kept off, by their numbers. */
  #placed: ReadonlySet<string> = new Set();
  /** What this process may run on. */
  #all = processorsOfProcess();
  #allAt = Number.NEGATIVE_INFINITY;
  #threads = new LowThreads();
  #isKept = false;
  #isOff: boolean;
  #isLooking = false;

  constructor(options: EventLoopProcessorsOptions) {
    this.#options = { now: () => performance.now(), ...options };
    this.#isOff = options.count === 0 || countOf(this.#all) < 2;
    if (!this.#isOff) this.#timer = setInterval(() => void this.look(), lookMs).unref();
  }

  /** The same watch, whose guards tell of runs on the event loop, too. */
  noting(watch: HangWatch): HangWatch {
    return {
      hung: watch.hung,
      tell: (key) => watch.tell(key),
      guard: (key) => {
        const guard = watch.guard(key);
        return {
          begin: () => {
            this.#wasAsked = true;
            guard.begin();
          },
          end: () => guard.end(),
        };
      },
    };
  }

  /** How many processors worker threads may run on now; undefined where nothing keeps them off any. */
  get ofWorkers(): number | undefined {
    return this.#isOff ? undefined : countOf(this.#ofWorkers);
  }

  /** Looks who asks, and which threads there are: those of a version that was loaded since come to it then. */
  async look(): Promise<void> {
    const now = this.#options.now();
    if (this.#wasAsked) this.#lastAsked = now;
    this.#wasAsked = false;
    const isAsked = now - this.#lastAsked < keptMs;
    if (this.#isOff || this.#isLooking || (!isAsked && !this.#isKept)) return;
    this.#isLooking = true;
    try {
      if (isAsked) await this.#keep(now);
      else await this.#letGo();
    } catch {
      this.#giveUp();
    }
    this.#isLooking = false;
  }

  close(): void {
    this.#isOff = true;
    clearInterval(this.#timer);
  }

  async #keep(now: number): Promise<void> {
    const threads = this.#threads.look();
    if (now - this.#allAt >= sameMs) {
      const all = processorsOfProcess();
      if (all !== this.#all) this.#placed = new Set();
      this.#all = all;
      this.#allAt = now;
    }
    const moved = threads.filter((thread) => !this.#placed.has(thread));
    this.#placed = new Set(threads);
    this.#isKept = true;
    await this.#place(moved);
  }

  async #letGo(): Promise<void> {
    const moved = [...this.#placed];
    this.#all = processorsOfProcess();
    this.#placed = new Set();
    // Numbers of threads that end until somebody is asked again may be those of others then.
    this.#threads = new LowThreads();
    this.#isKept = false;
    await this.#place(moved);
  }

  async #place(threads: readonly string[]): Promise<void> {
    if (threads.length > 0 && !(await place(threads, this.#ofWorkers))) this.#giveUp();
  }

  get #ofWorkers(): bigint {
    return this.#isKept ? without(this.#all, this.#options.count) : this.#all;
  }

  #giveUp(): void {
    this.close();
    this.#options.log('worker threads cannot be kept off any processor here', { needs: 'taskset' }, 'warn');
  }
}
