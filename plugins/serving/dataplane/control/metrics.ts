/** What a process counts about its work. Counters start with the process; control adds processes up. */

import type { ExporterCounts } from '../../../../libraries/otlp/index.ts';
import type { PredictionLogCounts } from '../logging/prediction-log.ts';
import { type ScoreSnapshot, ScoreSums } from '../observe/score-sums.ts';
import type { ModelInterface } from '../protocol/model-interface.ts';
import type { LaneObserver } from '../run/lane.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { Histogram, type HistogramSnapshot } from './histogram.ts';
import { latencyBounds } from './latency-bounds.ts';

const rowsBounds = [1, 2, 4, 8, 16, 32, 64, 128];
/** What analyses may name as a tolerance. */
const distanceBounds = [1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 1, 10, 100, 1000];
/** Stands for another label, shape or output: JSON has no infinity. */
const farthest = 1e9;

/** Counters of versions that are long gone are dropped beyond this many. */
const mostVersions = 500;

export interface VersionMetrics {
  readonly environment: string;
  readonly deployment: string;
  readonly version: string;
  /** Answers by HTTP status. */
  readonly requests: Readonly<Record<string, number>>;
  /** Seconds from the whole request read to the answer written. */
  readonly seconds: HistogramSnapshot;
  /** Rows of each run of the model. */
  readonly batchRows: HistogramSnapshot;
  /** Answers that are no answers: with a NaN in them, or that JSON could not express, as it cannot an infinity. */
  readonly nanAnswers: number;
  /** Of its outputs that are numbers. */
  readonly scores: readonly ScoreSnapshot[];
  /** As a shadow: how far its answers were from stable's. */
  readonly distances: HistogramSnapshot;
}

export interface ProcessMetrics {
  readonly versions: readonly VersionMetrics[];
  /** Answers by HTTP status that belong to no version: unknown paths, unknown models, bodies too large. */
  readonly otherRequests: Readonly<Record<string, number>>;
  /** Requests waiting now, by version key. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly loads: number;
  readonly loadFailures: number;
  readonly workerRestarts: number;
  /** Absent in reports of an older program. */
  readonly predictionLog?: PredictionLogCounts;
  /** Of traces; absent where none are sent. */
  readonly spans?: ExporterCounts;
  readonly connections: number;
  readonly rssBytes: number;
  /** Seconds of processor time since the process began. */
  readonly cpuSeconds: number;
}

export class Metrics {
  readonly #versions = new Map<string, VersionCounter>();
  readonly #other = new Map<number, number>();

  /** The counter of a version; the same one each time. */
  version(environment: string, deployment: string, version: string): VersionCounter {
    const key = `${environment}/${deployment}/${version}`;
    let counter = this.#versions.get(key);
    if (counter === undefined) {
      counter = new VersionCounter(environment, deployment, version);
      this.#versions.set(key, counter);
      if (this.#versions.size > mostVersions) this.#versions.delete(this.#versions.keys().next().value!);
    }
    return counter;
  }

  countOther(status: number): void {
    this.#other.set(status, (this.#other.get(status) ?? 0) + 1);
  }

  snapshot(): Pick<ProcessMetrics, 'versions' | 'otherRequests'> {
    return {
      versions: [...this.#versions.values()].map((counter) => counter.snapshot()),
      otherRequests: Object.fromEntries(this.#other),
    };
  }
}

class VersionCounter implements LaneObserver {
  readonly #environment: string;
  readonly #deployment: string;
  readonly #version: string;
  readonly #requests = new Map<number, number>();
  readonly #seconds = new Histogram(latencyBounds);
  readonly #rows = new Histogram(rowsBounds);
  readonly #scores = new ScoreSums();
  #nanAnswers = 0;
  readonly #distances = new Histogram(distanceBounds);

  constructor(environment: string, deployment: string, version: string) {
    this.#environment = environment;
    this.#deployment = deployment;
    this.#version = version;
  }

  answered(status: number, seconds: number): void {
    this.#requests.set(status, (this.#requests.get(status) ?? 0) + 1);
    this.#seconds.observe(seconds);
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
      seconds: this.#seconds.snapshot(),
      batchRows: this.#rows.snapshot(),
      nanAnswers: this.#nanAnswers,
      scores: this.#scores.snapshot(),
      distances: this.#distances.snapshot(),
    };
  }
}
