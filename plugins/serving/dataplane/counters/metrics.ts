/** What a process counts about its work. Counters start with the process; control adds processes up. */
import { exposedLatencyBounds, latencyBounds } from '../interface/latency-bounds.ts';
import type { ProcessMetrics, VersionMetrics } from '../interface/process-metrics.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { CacheSums } from './cache-sums.ts';
import { Exemplars } from './exemplars.ts';
import { Histogram } from './histogram.ts';
import type { LaneObserver } from './lane-observer.ts';
import { RunSums } from './run-sums.ts';
import { ScoreSums } from './score-sums.ts';

const rowsBounds = [1, 2, 4, 8, 16, 32, 64, 128];
/** What analyses may name as a tolerance. */
const distanceBounds = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
/** Stands for another label, shape or output: JSON has no infinity. */
const farthest = 1e9;

const swapBounds = [0.01, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Counters of versions that nothing asks any more are dropped beyond this many, the one that was asked the longest ago first. */
const mostVersions = 500;

export class Metrics {
  readonly #versions = new Map<string, VersionCounter>();
  /** Of versions that nobody holds, the one that was let go of first before all others. */
  readonly #unheld = new Set<string>();
  readonly #other = new Map<number, number>();
  readonly #refused = new Map<number, number>();
  readonly #swaps = new Histogram(swapBounds);

  /** The counter of a version, the same one each time. It is kept at least until `over` was called on it as often as it was asked for. */
  version(environment: string, deployment: string, version: string): VersionCounter {
    const key = `${environment}/${deployment}/${version}`;
    let counter = this.#versions.get(key);
    if (counter === undefined) {
      counter = new VersionCounter(environment, deployment, version, () => this.#letGo(key));
      this.#versions.set(key, counter);
    }
    counter.holders++;
    this.#unheld.delete(key);
    this.#dropUnheld();
    return counter;
  }

  countOther(status: number): void {
    this.#other.set(status, (this.#other.get(status) ?? 0) + 1);
  }

  /** What no handler could answer. */
  countRefused(status: number): void {
    this.#refused.set(status, (this.#refused.get(status) ?? 0) + 1);
  }

  /** Other versions answer for a deployment, so many seconds after that was asked for. */
  swapped(seconds: number): void {
    this.#swaps.observe(seconds);
  }

  /** Of each version that was observed. */
  counts(): readonly VersionMetrics[] {
    return [...this.#versions.values()].map((counter) => counter.snapshot());
  }

  snapshot(): Pick<ProcessMetrics, 'versions' | 'otherRequests' | 'refusedRequests' | 'swapSeconds'> {
    return {
      swapSeconds: this.#swaps.snapshot(),
      versions: this.counts(),
      otherRequests: Object.fromEntries(this.#other),
      refusedRequests: Object.fromEntries(this.#refused),
    };
  }

  #letGo(key: string): void {
    this.#unheld.add(key);
    this.#dropUnheld();
  }

  #dropUnheld(): void {
    for (const key of this.#unheld) {
      if (this.#versions.size <= mostVersions) return;
      this.#unheld.delete(key);
      this.#versions.delete(key);
    }
  }
}

class VersionCounter implements LaneObserver {
  /** Lanes that count here. */
  holders = 0;
  readonly #environment: string;
  readonly #deployment: string;
  readonly #version: string;
  readonly #requests = new Map<number, number>();
  readonly #seconds = new Histogram(latencyBounds);
  readonly #rows = new Histogram(rowsBounds);
  readonly #scores = new ScoreSums();
  readonly #queue = new Histogram(exposedLatencyBounds);
  readonly #runs = new RunSums();
  #failedSeconds = 0;
  #exemplars: Exemplars | undefined;
  #cache: CacheSums | undefined;
  #nanAnswers = 0;
  #left = 0;
  readonly #distances = new Histogram(distanceBounds);
  readonly #onUnheld: () => void;

  constructor(environment: string, deployment: string, version: string, onUnheld: () => void) {
    this.#environment = environment;
    this.#deployment = deployment;
    this.#version = version;
    this.#onUnheld = onUnheld;
  }

  over(): void {
    this.holders--;
    if (this.holders === 0) this.#onUnheld();
  }

  answered(status: number, seconds: number): void {
    this.#requests.set(status, (this.#requests.get(status) ?? 0) + 1);
    this.#seconds.observe(seconds);
    if (status !== 200) this.#failedSeconds += seconds;
  }

  traced(seconds: number, traceId: string): void {
    this.#exemplars ??= new Exemplars();
    this.#exemplars.note(seconds, traceId);
  }

  lookedUp(found: 'hit' | 'shared' | 'miss', milliseconds: number): void {
    this.#cache ??= new CacheSums();
    this.#cache.lookedUp(found, milliseconds);
  }

  hit(seconds: number): void {
    this.#cache?.seconds.observe(seconds);
  }

  waited(milliseconds: number): void {
    this.#queue.observe(milliseconds / 1000);
  }

  took(rows: number, requests: number, prepareMs: number, runMs: number, handOutMs: number): void {
    this.#runs.add(rows, requests, prepareMs, runMs, handOutMs);
  }

  left(): void {
    this.#left++;
  }

  ran(rows: number): void {
    this.#rows.observe(rows);
  }

  gave(model: ModelInterface, outputs: readonly Tensor[], isWritten: boolean): void {
    const hasNaN = this.#scores.add(model, outputs);
    if (hasNaN || !isWritten) this.#nanAnswers++;
  }

  differed(distance: number): void {
    this.#distances.observe(Math.min(distance, farthest));
  }

  snapshot(): VersionMetrics {
    return {
      environment: this.#environment,
      deployment: this.#deployment,
      version: this.#version,
      requests: Object.fromEntries(this.#requests),
      seconds: this.#seconds.counted(),
      batchRows: this.#rows.snapshot(),
      left: this.#left,
      nanAnswers: this.#nanAnswers,
      scores: this.#scores.snapshot(),
      distances: this.#distances.snapshot(),
      failedSeconds: this.#failedSeconds,
      queueSeconds: this.#queue.snapshot(),
      runs: this.#runs.snapshot(),
      ...(this.#cache === undefined ? {} : { cache: this.#cache.snapshot() }),
      ...(this.#exemplars === undefined ? {} : { exemplars: this.#exemplars.snapshot() }),
    };
  }
}
