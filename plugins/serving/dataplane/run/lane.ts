/**
 * The way of one deployment's requests through one version: they wait in a queue, share runs, and each gets its own
 * rows back. A lane runs one batch at a time; what arrives meanwhile is the next batch. Requests that cannot share a run
 * follow each other closely.
 */
import { codeOf } from '../../../../core/plugin.ts';
import { newSpanId } from '../../../../libraries/otlp/span.ts';
import { deadlineExceeded, modelFailed, queueFull } from '../errors.ts';
import type { HeldVersion, VersionStatus } from '../load/held-version.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { ServedDeployment } from '../routing-table.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { companyKey, joinRows, rowsOf, splitRows } from './batch.ts';
import type { Executor } from './executor.ts';

export type LaneSettings = Pick<ServedDeployment, 'name' | 'batching' | 'limits'>;

/** Counts what goes through a lane. */
export interface LaneObserver {
  /** A run began, with so many rows. */
  ran(rows: number): void;
  /** A request was answered with this HTTP status, so many seconds after it was read. */
  answered(status: number, seconds: number): void;
  /** These outputs, in the order of the model's, were the answer to a request; or were to be, and could not be written down. */
  gave(model: ModelInterface, outputs: readonly Tensor[], isWritten: boolean): void;
  /** As a shadow, it gave an answer that is so far from stable's: see `answerDistance`. */
  differed(distance: number): void;
}

/** Told what a request goes through, where somebody wants to know. */
export interface LaneTrace {
  /** It left the queue for this run. What is 0 of it has not come yet. */
  took(run: TracedRun): void;
}

/** A run, by `performance.now()`. Requests that share it share this. */
export interface TracedRun {
  /** Out of the queue; handed to the model; back from it; handed out. */
  readonly taken: number;
  began: number;
  ended: number;
  settled: number;
  readonly rows: number;
  readonly requests: number;
  /** Whoever of them came first. */
  readonly leader: LaneTrace;
  readonly spanId: string;
  /** Why it gave nothing. */
  error?: string;
}

interface Pending {
  readonly inputs: readonly Tensor[];
  readonly rows: number;
  /** Requests with the same key may share a run; undefined must run alone. */
  readonly company: string | undefined;
  readonly arrived: number;
  readonly deadline: number;
  resolve(outputs: readonly Tensor[]): void;
  reject(error: Error): void;
  isSettled: boolean;
  wasRetried: boolean;
  readonly trace: LaneTrace | undefined;
}

interface Running {
  readonly executor: Executor;
  readonly since: number;
}

/** A run that goes on so long after the last deadline of those who wait for it, in milliseconds, is taken to go on for ever. */
export const stuckAfterMs = 10_000;

/** Runs that block the event loop one after the other take no longer than this, milliseconds. */
const longestBlock = 5;
const mostInlineRuns = 32;
/** A thread has its next run at hand when it ends one. */
const mostThreadRuns = 2;

export class Lane {
  readonly held: HeldVersion;
  readonly observer: LaneObserver;
  #settings: LaneSettings;
  #queue: Pending[] = [];
  readonly #running = new Map<readonly Pending[], Running>();
  #flush: NodeJS.Immediate | undefined;
  #delay: NodeJS.Timeout | undefined;
  #expiry: NodeJS.Timeout | undefined;
  /** What it is set for. */
  #expiresAt = Number.POSITIVE_INFINITY;
  #isWaitingForVersion = false;
  #reserved = 0;
  #whenIdle: (() => void)[] = [];
  #hasFixedCompany: boolean | undefined;

  constructor(held: HeldVersion, settings: LaneSettings, observer: LaneObserver) {
    this.held = held;
    this.#settings = settings;
    this.observer = observer;
  }

  /** Takes effect for what comes, and but for its deadline for what is queued. */
  configure(settings: LaneSettings): void {
    this.#settings = settings;
  }

  /** Requests that wait, without those in the run under way. */
  get waiting(): number {
    return this.#queue.length;
  }

  /**
   * Answers with the outputs of these inputs. They were checked against the version's interface before. Rejects with
   * `QueueFull`, `DeadlineExceeded`, `InferenceFailed`, `ModelFailed` or `WorkerLost`.
   */
  run(inputs: readonly Tensor[], trace?: LaneTrace): Promise<readonly Tensor[]> {
    const { name, limits } = this.#settings;
    if (this.#queue.length >= limits.maxQueue) return Promise.reject(queueFull(name, limits.maxQueue));
    return new Promise((resolve, reject) => {
      const arrived = performance.now();
      const company = this.#companyOf(inputs);
      this.#queue.push({
        inputs,
        rows: company === undefined ? 1 : inputs[0]!.shape[0]!,
        company,
        arrived,
        deadline: arrived + limits.timeoutMs,
        resolve,
        reject,
        isSettled: false,
        wasRetried: false,
        trace,
      });
      this.#expireAt(arrived + limits.timeoutMs);
      this.#schedule();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void> {
    if (this.#isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Keeps it from becoming idle until what is given back is called: something is about to be run. */
  reserve(): () => void {
    let isReserved = true;
    this.#reserved++;
    return () => {
      if (!isReserved) return;
      isReserved = false;
      this.#reserved--;
      this.#settleIdle();
    };
  }

  get #isIdle(): boolean {
    return this.#queue.length === 0 && this.#running.size === 0 && this.#reserved === 0;
  }

  /** Lets all that arrives in this turn of the event loop gather before the first run. */
  #schedule(): void {
    if (this.#flush !== undefined) return;
    const { maxDelayMs, maxBatchSize } = this.#settings.batching;
    if (maxDelayMs > 0 && maxBatchSize > 1) {
      const wait = this.#queue[0]!.arrived + maxDelayMs - performance.now();
      if (wait > 0 && this.#queue.length < maxBatchSize) {
        this.#delay ??= setTimeout(() => {
          this.#delay = undefined;
          this.#pump();
        }, wait);
        return;
      }
    }
    clearTimeout(this.#delay);
    this.#delay = undefined;
    this.#flush = setImmediate(() => {
      this.#flush = undefined;
      this.#pump();
    });
  }

  #pump(): void {
    while (this.#queue.length > 0) {
      const { status } = this.held;
      if (status.state === 'loading') {
        this.#waitForVersion();
        return;
      }
      if (status.state === 'failed') {
        const error = modelFailed(this.#settings.name, status.reason, status.message);
        for (const pending of this.#queue.splice(0)) settle(pending, error);
        this.#settleIdle();
        return;
      }
      if (this.#running.size >= this.#mostRuns(status)) return;
      this.#start(this.#takeBatch(), status.executor);
    }
  }

  #start(batch: readonly Pending[], executor: Executor): void {
    this.#running.set(batch, { executor, since: performance.now() });
    void this.#runBatch(batch, executor).then(() => {
      this.#running.delete(batch);
      this.#settleIdle();
      this.#pump();
    });
  }

  /** How many runs may be under way at once, going by the request at the head of the queue. */
  #mostRuns({ placement, runMs }: Extract<VersionStatus, { state: 'ready' }>): number {
    if (!this.#isAlone(this.#queue[0]!)) return 1;
    if (placement === 'worker') return mostThreadRuns;
    return Math.max(1, Math.min(mostInlineRuns, Math.floor(longestBlock / runMs)));
  }

  #isAlone(pending: Pending): boolean {
    return pending.company === undefined || this.#settings.batching.maxBatchSize === 1;
  }

  #waitForVersion(): void {
    if (this.#isWaitingForVersion) return;
    this.#isWaitingForVersion = true;
    void this.held.settled().then(() => {
      this.#isWaitingForVersion = false;
      this.#pump();
    });
  }

  #takeBatch(): Pending[] {
    const queue = this.#queue;
    const first = queue[0]!;
    const most = this.#settings.batching.maxBatchSize;
    if (this.#isAlone(first)) return queue.splice(0, 1);
    let rows = first.rows;
    let count = 1;
    while (count < queue.length) {
      const next = queue[count]!;
      if (next.company !== first.company || rows + next.rows > most) break;
      rows += next.rows;
      count++;
    }
    return queue.splice(0, count);
  }

  async #runBatch(batch: readonly Pending[], executor: Executor): Promise<void> {
    if (batch.length === 1) return this.#runAlone(batch[0]!, executor);
    const rows = batch.map((pending) => pending.rows);
    const sum = rows.reduce((total, count) => total + count, 0);
    this.observer.ran(sum);
    const traced = tracedRun(batch, sum);
    try {
      const { inputs, isCopy } = joinRows(batch.map((pending) => pending.inputs));
      if (traced !== undefined) traced.began = performance.now();
      const outputs = await executor.run(inputs, isCopy);
      if (traced !== undefined) traced.ended = performance.now();
      const parts = splitRows(outputs, rows);
      if (parts !== undefined) {
        if (traced !== undefined) traced.settled = performance.now();
        for (let index = 0; index < batch.length; index++) settle(batch[index]!, parts[index]!);
        return;
      }
    } catch (error) {
      if (traced !== undefined) failed(traced, error);
      if (isLost(error)) return this.#retry(batch, error as Error);
    }
    for (const pending of batch) {
      if (!pending.isSettled) await this.#runAlone(pending, executor);
    }
  }

  async #runAlone(pending: Pending, executor: Executor): Promise<void> {
    this.observer.ran(pending.rows);
    const traced = pending.trace === undefined ? undefined : tracedRun([pending], pending.rows);
    try {
      const outputs = await executor.run(pending.inputs, false);
      if (traced !== undefined) traced.ended = performance.now();
      settle(pending, outputs);
    } catch (error) {
      if (traced !== undefined) failed(traced, error);
      if (isLost(error)) this.#retry([pending], error as Error);
      else settle(pending, error as Error);
    }
  }

  /** A run changes nothing, so what a lost thread had is given to the next one, once. */
  #retry(batch: readonly Pending[], error: Error): void {
    const again: Pending[] = [];
    for (const pending of batch) {
      if (pending.isSettled) continue;
      if (pending.wasRetried) settle(pending, error);
      else {
        pending.wasRetried = true;
        again.push(pending);
      }
    }
    this.#queue.unshift(...again);
  }

  /** Looks for requests whose time is over then, or earlier. */
  #expireAt(deadline: number): void {
    if (deadline >= this.#expiresAt) return;
    clearTimeout(this.#expiry);
    this.#expiresAt = deadline;
    this.#expiry = setTimeout(() => this.#expire(), Math.ceil(deadline - performance.now())).unref();
  }

  #expire(): void {
    this.#expiresAt = Number.POSITIVE_INFINITY;
    const now = performance.now();
    let next = Infinity;
    const isDue = (pending: Pending): boolean => {
      if (pending.isSettled) return true;
      if (pending.deadline > now) {
        next = Math.min(next, pending.deadline);
        return false;
      }
      settle(pending, deadlineExceeded(this.#settings.name, Math.round(pending.deadline - pending.arrived)));
      return true;
    };
    this.#queue = this.#queue.filter((pending) => !isDue(pending));
    for (const [batch, { executor, since }] of this.#running) {
      batch.forEach(isDue);
      if (!batch.every(({ isSettled }) => isSettled)) continue;
      const stuckAt = since + this.#settings.limits.timeoutMs + stuckAfterMs;
      if (now >= stuckAt) executor.giveUp?.();
      else next = Math.min(next, stuckAt);
    }
    if (next !== Infinity) this.#expireAt(next);
    this.#settleIdle();
  }

  #companyOf(inputs: readonly Tensor[]): string | undefined {
    const model = this.held.model!;
    if (!model.batchable || rowsOf(inputs) === undefined) return undefined;
    this.#hasFixedCompany ??= model.inputs.every((input) => !input.shape.includes(-1, 1));
    return this.#hasFixedCompany ? '' : companyKey(inputs);
  }

  #settleIdle(): void {
    if (!this.#isIdle) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}

function settle(pending: Pending, result: readonly Tensor[] | Error): void {
  if (pending.isSettled) return;
  pending.isSettled = true;
  if (result instanceof Error) pending.reject(result);
  else pending.resolve(result);
}

/** Undefined where nobody wants to know of it. */
function tracedRun(batch: readonly Pending[], rows: number): TracedRun | undefined {
  let run: TracedRun | undefined;
  for (const { trace } of batch) {
    if (trace === undefined) continue;
    const taken = performance.now();
    run ??= {
      ...{ taken, began: taken, ended: 0, settled: 0, rows, requests: batch.length },
      ...{ leader: trace, spanId: newSpanId() },
    };
    trace.took(run);
  }
  return run;
}

function failed(run: TracedRun, error: unknown): void {
  run.ended = performance.now();
  run.settled = run.ended;
  run.error = codeOf(error);
}

function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'WorkerLost';
}
