/** What an inference process tells of its work. Counters start with the process; control adds processes up. */
import type { ExporterCounts } from '../../../../libraries/otlp/index.ts';

export interface ProcessMetrics {
  readonly versions: readonly VersionMetrics[];
  /** Answers by HTTP status that belong to no version: unknown paths, unknown models, bodies too large. */
  readonly otherRequests: Readonly<Record<string, number>>;
  /** Answers by HTTP status to what no handler could answer. Absent in reports of an older program. */
  readonly refusedRequests?: Readonly<Record<string, number>>;
  /** Requests waiting now, by version key; absent: none. */
  readonly waiting: Readonly<Record<string, number>>;
  readonly loads: number;
  readonly loadFailures: number;
  readonly workerRestarts: number;
  /** Versions that gave way to others; absent, as what follows, in reports of an older program. */
  readonly unloads?: number;
  /** Of loads that ended well. */
  readonly loadSeconds?: HistogramSnapshot;
  /** Bytes that loaded versions take, and may take; only where they are loaded on demand. */
  readonly versionMemory?: { readonly taken?: number | undefined; readonly budget?: number | undefined };
  /** From a deployment's new table entry to its answers, where other versions answer then. */
  readonly swapSeconds?: HistogramSnapshot;
  /** Absent in reports of an older program. */
  readonly predictionLog?: PredictionLogCounts;
  /** Of traces; absent where none are sent. */
  readonly spans?: ExporterCounts;
  /** Of deployments that keep answers, by `environment/deployment`. */
  readonly caches?: Readonly<Record<string, CacheCounts>>;
  /** Requests with an `Idempotency-Key`, by what came of it. Absent in reports of an older program. */
  readonly keyed?: Readonly<Record<string, number>>;
  /** Absent where there is no access log. */
  readonly accessLog?: AccessCounts;
  readonly connections: number;
  readonly rssBytes: number;
  /** Seconds of processor time since the process began. */
  readonly cpuSeconds: number;
}

export interface VersionMetrics {
  readonly environment: string;
  readonly deployment: string;
  readonly version: string;
  /** Answers by HTTP status. */
  readonly requests: Readonly<Record<string, number>>;
  /** Seconds from the whole request read to the answer written. */
  readonly seconds: LatencySnapshot;
  /** Rows of each run of the model. */
  readonly batchRows: HistogramSnapshot;
  /** Requests that left before their turn, because whoever asked had gone away. Absent in reports of an older program. */
  readonly left?: number;
  /** Answers that are no answers: with a NaN in them, or that JSON could not express, as it cannot an infinity. */
  readonly nanAnswers: number;
  /** Of its outputs that are numbers. */
  readonly scores: readonly ScoreSnapshot[];
  /** As a shadow: how far its answers were from stable's. */
  readonly distances: HistogramSnapshot;
  /** Of `seconds`, what took those that were answered with another status than 200. Absent in reports of an older program, as what follows. */
  readonly failedSeconds?: number;
  /** Seconds that requests waited for a run, also for one that never came. */
  readonly queueSeconds?: HistogramSnapshot;
  readonly runs?: RunSnapshot;
  /** Absent where no answers are kept. */
  readonly cache?: CacheSnapshot;
  /** Absent where no request was traced. */
  readonly exemplars?: ExemplarSnapshot;
}

export interface HistogramSnapshot {
  /** Upper bounds, ascending. */
  readonly bounds: readonly number[];
  /** Observations in each bucket, not cumulated; one more than the bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/**
 * A histogram by `latencyBounds`, which it leaves out: there are two hundred of them, and to write them for each version each second
 * would take as long as all the rest of a report. Reports of an older program have them.
 */
export type LatencySnapshot = Omit<HistogramSnapshot, 'bounds'> & Partial<Pick<HistogramSnapshot, 'bounds'>>;

/** By bucket of `exposedLatencyBounds`, and one for what is above them all; null where there is none. */
export type ExemplarSnapshot = readonly (Exemplar | null)[];

export interface Exemplar {
  readonly traceId: string;
  readonly seconds: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the runs of one version took, added up. Milliseconds, so that sums of years keep their digits. */
export interface RunSnapshot {
  /** Rows that were run. */
  readonly inferences: number;
  readonly executions: number;
  /** Milliseconds since 1970; 0 where there was none. */
  readonly lastInference: number;
  /** Requests that came out of a run; each took as long as its run. */
  readonly requests: number;
  readonly prepareMs: number;
  readonly runMs: number;
  readonly handOutMs: number;
  /** By rows of a run, in the order in which sizes came first: rows, runs, and what these took. */
  readonly sizes: readonly (readonly [
    rows: number,
    runs: number,
    prepareMs: number,
    runMs: number,
    handOutMs: number,
  ])[];
}

export interface CacheSnapshot {
  readonly hits: number;
  readonly hitMs: number;
  /** Requests that had what a run under way for another gave. */
  readonly shared: number;
  readonly misses: number;
  readonly missMs: number;
  /** Of `seconds`: those of hits. */
  readonly seconds: LatencySnapshot;
}

/** Sums of what a version gave: from them come mean and variance, also of several processes together. */
export interface ScoreSnapshot {
  readonly output: string;
  /** Rows counted: those that are finite. */
  readonly rows: number;
  /** By column; a row is what one entry of the first dimension holds. */
  readonly sums: readonly number[];
  readonly squares: readonly number[];
}

/** What came of the predictions that were to be logged, since the process began. */
export interface PredictionLogCounts {
  readonly taken: number;
  readonly written: number;
  readonly dropped: number;
  /** By version; absent where none declares it, and in reports of an older program. */
  readonly outliers?: readonly OutlierCount[];
  /** Why nothing is written now: a code of the system. */
  readonly trouble?: string;
}

/** Rows of one version whose inputs were scored, and those of them that were outliers, since the process began. */
export interface OutlierCount {
  readonly environment: string;
  readonly deployment: string;
  readonly version: string;
  readonly scored: number;
  readonly outliers: number;
}

export interface CacheCounts {
  readonly entries: number;
  readonly bytes: number;
  /** Entries that went to make room. */
  readonly evictions: number;
}

export interface AccessCounts {
  readonly lines: number;
  readonly dropped: number;
}

/** Of a request and what came of its key. */
export const keyedResults = ['first', 'replayed', 'underway', 'reused'] as const;
export type KeyedResult = (typeof keyedResults)[number];
