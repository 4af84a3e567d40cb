/**
 * The way of one deployment's requests through one version: they wait in a queue, share runs, and each gets its own
 * rows back. A lane runs one batch at a time on each replica of its version; what arrives meanwhile is the next batch. Requests that cannot share a run
 * follow each other closely.
 */
import type { LaneObserver } from '../counters/lane-observer.ts';
import { deadlineExceeded, modelFailed, modelLoading } from '../errors/run-errors.ts';
import type { HeldVersion } from '../load/held-version.ts';
import type { VersionUser } from '../load/on-demand.ts';
import { companyKey, rowsOf } from '../run/batch.ts';
import type { Executor } from '../run/executor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Admission, type LaneSettings } from './admission.ts';
import { Alarm } from './alarm.ts';
import { type BegunRun, Forecast } from './forecast.ts';
import { LaneRest } from './lane-rest.ts';
import { AskerGone, type Pending, rowsIn, settle } from './pending.ts';
import { ReturnWait, savedBy } from './return-wait.ts';
import { isLate, isSliced, mayReturn, mostRuns } from './run-manner.ts';
import { Runner } from './runner.ts';
import type { LaneTrace } from './traced-run.ts';
import type { Turn } from './turn.ts';
import { usualPriority, WaitQueue } from './wait-queue.ts';

interface Running {
  readonly executor: Executor;
  readonly since: number;
}

/** A run that goes on for so many milliseconds more than a request may take, counted from where it began, and that nobody waits for any longer, is taken to go on for ever. */
export const stuckAfterMs = 10_000;

export class Lane implements VersionUser {
  readonly held: HeldVersion;
  readonly observer: LaneObserver;
  #settings: LaneSettings;
  readonly #queue = new WaitQueue<Pending>();
  readonly #forecast = new Forecast();
  readonly #admission = new Admission(this.#queue, this.#forecast);
  readonly #runner: Runner;
  readonly #running = new Map<readonly Pending[], Running>();
  readonly #rest = new LaneRest(this.#queue, this.#running);
  readonly #returnWait = new ReturnWait(() => this.#pump());
  #flush: NodeJS.Immediate | undefined;
  #delay: NodeJS.Timeout | undefined;
  /** Set for the first request whose time is over. */
  readonly #expiry = new Alarm(() => this.#expire());
  #isWaitingForVersion = false;
  #lastUsed = 0;
  #hasFixedCompany: boolean | undefined;

  constructor(held: HeldVersion, settings: LaneSettings, observer: LaneObserver) {
    this.held = held;
    this.#settings = settings;
    this.observer = observer;
    this.#runner = new Runner(observer, (again) => this.#queue.putBack(again));
  }

  /** Takes effect for what comes, and but for its deadline for what is queued. */
  configure(settings: LaneSettings): void {
    this.#settings = settings;
  }

  /** Requests that wait, without those in the run under way. */
  get waiting(): number {
    return this.#queue.size;
  }

  /**
   * Answers with the outputs of these inputs. They were checked against the version's interface before. Rejects with
   * `QueueFull`, `WouldBeLate`, `DeadlineExceeded`, `InferenceFailed`, `ModelFailed` or `WorkerLost`.
   */
  run(inputs: readonly Tensor[], trace?: LaneTrace, turn?: Turn): Promise<readonly Tensor[]> {
    const { name, limits } = this.#settings;
    const arrived = performance.now();
    this.#lastUsed = arrived;
    const { status } = this.held;
    if (status.state === 'asleep' && status.refuses) {
      this.held.wake();
      return Promise.reject(modelLoading(name, status.retryAfter));
    }
    let deadline = arrived + limits.timeoutMs;
    let allowedMs = limits.timeoutMs;
    if (turn?.deadline !== undefined && turn.deadline < deadline) ({ deadline, allowedMs } = turn);
    const priority = turn?.priority ?? usualPriority;
    const company = this.#companyOf(inputs);
    const rows = company === undefined ? 1 : inputs[0]!.shape[0]!;
    return new Promise((resolve, reject) => {
      const pending: Pending = {
        inputs,
        rows,
        company,
        priority,
        arrived,
        deadline,
        allowedMs,
        expected: Number.POSITIVE_INFINITY,
        resolve,
        reject,
        isSettled: false,
        wasRetried: false,
        trace,
        watch: turn?.watch,
      };
      // Whatever is known of runs, one that waits for nobody is tried.
      if (this.#queue.size > 0 || this.#running.size > 0) {
        const refused = this.#admission.take(this.#settings, pending, arrived);
        if (refused !== undefined) {
          reject(refused);
          return;
        }
      }
      if (turn !== undefined) turn.leave = () => this.#leave(pending);
      this.#queue.push(pending);
      this.#expiry.set(deadline);
      this.#schedule();
    });
  }

  /**
   * Why a request that was whole at `since` would be refused, whatever it holds: for those who would rather not read it for nothing. Reading it
   * would have to wait for so many milliseconds.
   */
  refusal(turn: Turn, since: number, waitMs: number): Error | undefined {
    const late = this.lateness(turn, since);
    if (late !== undefined || (this.#queue.size === 0 && waitMs === 0)) return late;
    const { priority = usualPriority } = turn;
    const applicant = { priority, deadline: this.#deadlineOf(turn, since), rows: 1 };
    return this.#admission.refusal(this.#settings, applicant, performance.now(), waitMs);
  }

  /** Why a request that was whole at `since` is over already. */
  lateness(turn: Turn, since: number): Error | undefined {
    const { name, limits } = this.#settings;
    if (this.#deadlineOf(turn, since) > performance.now()) return undefined;
    const isOwn = turn.deadline !== undefined && turn.deadline < since + limits.timeoutMs;
    return deadlineExceeded(name, isOwn ? turn.allowedMs : limits.timeoutMs);
  }

  #deadlineOf({ deadline = Number.POSITIVE_INFINITY }: Turn, since: number): number {
    return Math.min(deadline, since + this.#settings.limits.timeoutMs);
  }

  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void> {
    return this.#rest.idle();
  }

  /** When it was asked last, by `performance.now()`. */
  get lastUsed(): number {
    return this.#lastUsed;
  }

  /** Resolves when nothing runs. What waits may be many. */
  rested(): Promise<void> {
    return this.#rest.rested();
  }

  /** Keeps it from becoming idle until what is given back is called: something is about to be run. */
  reserve(): () => void {
    return this.#rest.reserve();
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    return this.#rest.isIdle;
  }

  /** Lets all that arrives in this turn of the event loop gather before the first run. */
  #schedule(): void {
    if (this.#flush !== undefined) return;
    const { maxDelayMs, maxBatchSize } = this.#settings.batching;
    if (maxDelayMs > 0 && maxBatchSize > 1) {
      const wait = this.#queue.first!.arrived + maxDelayMs - performance.now();
      if (wait > 0 && this.#queue.size < maxBatchSize) {
        this.#delay ??= setTimeout(() => {
          this.#delay = undefined;
          this.#pump();
        }, wait);
        return;
      }
    }
    clearTimeout(this.#delay);
    this.#delay = undefined;
    const { status } = this.held;
    if (status.state === 'ready' && isLate(this.#queue.first!, status.executor, maxBatchSize)) {
      // They gather until the model reads its inputs.
      this.#pump();
      return;
    }
    this.#flush = setImmediate(() => {
      this.#flush = undefined;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#queue.size > 0) {
      const { status } = this.held;
      if (status.state === 'loading' || status.state === 'asleep') {
        this.held.wake();
        this.#waitForVersion();
        return;
      }
      if (status.state === 'failed') {
        const error = modelFailed(this.#settings.name, status.reason, status.message);
        this.#queue.removeAll((pending) => {
          settle(pending, error);
          return true;
        });
        this.#rest.settleIdle();
        return;
      }
      if (this.#running.size >= mostRuns(this.#queue.first!, status, this.#settings.batching.maxBatchSize))
        return;
      if (this.#returnWait.holds(this.#queue.size)) return;
      const batch = this.#takeBatch();
      if (batch.length > 0) this.#start(batch, status.executor);
      else this.#rest.settleIdle();
    }
  }

  #start(batch: Pending[], executor: Executor): void {
    const run = this.#forecast.begin(rowsIn(batch));
    const { since } = run;
    this.#running.set(batch, { executor, since });
    const { maxBatchSize } = this.#settings.batching;
    const inSlices = isSliced(batch[0]!, executor, maxBatchSize, this.#forecast);
    const late = !inSlices && isLate(batch[0]!, executor, maxBatchSize);
    if (!late) this.#runner.tellWaits(batch, since);
    let ran: Promise<void>;
    if (inSlices) ran = this.#runner.runSliced(batch[0]!, executor, since, maxBatchSize);
    else if (late) ran = this.#runner.runLate(batch, executor, run, (begun) => this.#takeBatch(begun));
    else ran = this.#runner.run(batch, executor, since, () => this.#over(batch, executor, run));
    void ran.then(() => {
      this.#over(batch, executor, run);
      this.#rest.settleRested();
      this.#rest.settleIdle();
    });
  }

  /** The executor has done with that run: it gets the next one. */
  #over(batch: readonly Pending[], executor: Executor, run: BegunRun): void {
    if (!this.#running.delete(batch)) return;
    this.#forecast.end(run);
    this.#judgeForecast(batch);
    if (mayReturn(batch, executor, this.#settings.batching)) this.#awaitReturn(batch.length, run);
    this.#pump();
  }

  #awaitReturn(answered: number, { rows, since }: BegunRun): void {
    const { status } = this.held;
    if (status.state !== 'ready') return;
    const milliseconds = performance.now() - since;
    const room = Math.floor((this.#settings.batching.maxBatchSize * answered) / rows);
    const savedMs = savedBy(status.runMs, rows, milliseconds);
    this.#returnWait.begin({ answered, waiting: this.#queue.size, room, milliseconds, savedMs });
  }

  #waitForVersion(): void {
    if (this.#isWaitingForVersion) return;
    this.#isWaitingForVersion = true;
    void this.held.settled().then(() => {
      this.#isWaitingForVersion = false;
      this.#pump();
    });
  }

  /** What is run next, or what may join what was begun. */
  #takeBatch(begun?: readonly Pending[]): Pending[] {
    const batch = this.#queue.takeRun(this.#settings.batching.maxBatchSize, begun);
    const now = performance.now();
    // Its answer would come too late, and so would those of all behind it, for whom there still is time. Whatever is known of runs,
    // where nobody waits behind it it is tried.
    const end = this.#queue.size === 0 ? now : now + this.#forecast.runOf(rowsIn(batch));
    if (batch.every(({ deadline }) => deadline > end)) return batch;
    return batch.filter((pending) => {
      if (pending.deadline > end) return true;
      this.observer.waited(now - pending.arrived);
      settle(pending, deadlineExceeded(this.#settings.name, pending.allowedMs));
      this.#judgeForecast([pending]);
      return false;
    });
  }

  #judgeForecast(over: readonly Pending[]): void {
    const now = performance.now();
    for (const { expected } of over) this.#forecast.judge(expected, now);
  }

  #expire(): void {
    const now = performance.now();
    let next = Infinity;
    const isDue = (pending: Pending): boolean => {
      if (pending.isSettled) return true;
      if (pending.deadline > now) {
        next = Math.min(next, pending.deadline);
        return false;
      }
      settle(pending, deadlineExceeded(this.#settings.name, pending.allowedMs));
      return true;
    };
    this.#queue.removeAll((pending) => {
      if (!isDue(pending)) return false;
      this.#judgeForecast([pending]);
      this.observer.waited(now - pending.arrived);
      return true;
    });
    for (const [batch, { executor, since }] of this.#running) {
      batch.forEach(isDue);
      if (!batch.every(({ isSettled }) => isSettled)) continue;
      const stuckAt = since + this.#settings.limits.timeoutMs + stuckAfterMs;
      if (now >= stuckAt) executor.giveUp?.();
      else next = Math.min(next, stuckAt);
    }
    if (next !== Infinity) this.#expiry.set(next);
    this.#rest.settleIdle();
  }

  /** Nobody waits for the answer any more. A run that is under way goes on: it cannot be ended. */
  #leave(pending: Pending): void {
    if (pending.isSettled || !this.#queue.remove(pending)) return;
    this.observer.left();
    settle(pending, new AskerGone());
    this.#rest.settleIdle();
  }

  #companyOf(inputs: readonly Tensor[]): string | undefined {
    const model = this.held.model!;
    if (!model.batchable || rowsOf(inputs) === undefined) return undefined;
    this.#hasFixedCompany ??= model.inputs.every((input) => !input.shape.includes(-1, 1));
    return this.#hasFixedCompany ? '' : companyKey(inputs);
  }
}
