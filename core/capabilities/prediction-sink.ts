import { defineCapability } from '../plugin.ts';
import type { PredictionProfile, ProfileQuestion } from './prediction-profile.ts';

/**
 * Keeps what was predicted, and what turned out to be true of it. Predictions are handed in by inference processes without a
 * word to whoever provides this: as files in a folder, so that nobody waits for anybody.
 */
export interface PredictionSink {
  /**
   * Where inference processes hand in: batches (`libraries/prediction-batch`) are put into `inbox` whole, and are the sink's from
   * then on; each is kept once, also when the sink was killed at any point. `keyFile` holds 64 hexadecimal digits: the key of
   * pseudonyms. Both are there once the platform has started.
   */
  readonly place: { readonly inbox: string; readonly keyFile: string };
  /** An inference process ended; what it had taken and never handed in is counted as lost. */
  ended(process: EndedProcess): void;
  /** Reads by SQL: see `LogAnswer`. Changes nothing. Throws `LogQueryInvalid`, `LogQueryTooLong`, `LogUnavailable`. */
  query(question: LogQuestion, signal: AbortSignal): Promise<LogAnswer>;
  /** All that is known of one prediction but its values: one entry for each version that saw it; none where it is not there. */
  find(id: string): Promise<readonly FoundPrediction[]>;
  /**
   * Takes what turned out to be true. What this resolves with is kept. The same label again is a duplicate, another one of the
   * same prediction takes its place. Throws `LogUnavailable`.
   */
  label(labels: readonly Label[]): Promise<LabelsTaken>;
  /** Sums of what labels say of versions. Throws `LogUnavailable`. */
  measureLabels(question: LabelQuestion, signal: AbortSignal): Promise<LabelMeasure>;
  /**
   * Profiles of many predictions, made where they are kept. One that takes too long goes on where it ended when it is asked again.
   * Throws `LogQueryInvalid`, `LogQueryTooLong`, `LogUnavailable`.
   */
  profile(question: ProfileQuestion, signal: AbortSignal): Promise<PredictionProfile>;
  /**
   * Erases all that is kept of a subject: predictions, their labels, and what of it is still on its way. Files are written anew
   * without it, and looked through again before this resolves. Throws `LogUnavailable`, `ErasureIncomplete`.
   */
  erase(subject: string): Promise<Erasure>;
  /** What keeps it from keeping predictions, as was last heard: asks nobody, so that anybody may look at any time. */
  trouble(): SinkTrouble;
  /** What it holds and counts, for people and metrics. */
  status(): Promise<SinkStatus>;
}

export interface EndedProcess {
  readonly process: string;
  readonly pid: number;
  /** Predictions that it had taken when it was last heard of. */
  readonly taken: number;
}

export interface LogQuestion {
  /** One SELECT, in DuckDB's SQL, over the views `predictions`, `labels` and `labelled`. */
  readonly sql: string;
  /** Rows to answer with at most. */
  readonly limit: number;
}

export interface LogAnswer {
  readonly columns: readonly { readonly name: string; readonly type: string }[];
  /** JSON values: what JSON has no number for is a text. */
  readonly rows: readonly (readonly unknown[])[];
  /** Whether there would have been more rows. */
  readonly isCut: boolean;
}

export interface FoundPrediction {
  readonly id: string;
  /** RFC 3339. */
  readonly time: string;
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
  readonly variant: string;
  readonly commit: string;
  readonly latencyMs: number;
  readonly trace: string | null;
  readonly rows: number;
  /** Rows that have a label. */
  readonly labels: number;
}

/** What turned out to be true of one row of a prediction. */
export interface Label {
  /** The prediction's id. */
  readonly id: string;
  /** Which of its rows, from 0. */
  readonly row: number;
  readonly value: LabelValue;
}

export type LabelValue = string | number | boolean | readonly (string | number | boolean)[];

export interface LabelsTaken {
  /** Those that are kept now, duplicates aside. */
  readonly taken: number;
  readonly duplicates: number;
  /** Labels of predictions that are not in the log: never made, not sampled, or no longer kept. */
  readonly unknown: number;
  /** Labels that came later than their deployment takes them. */
  readonly late: number;
  /** Some of the ids that were unknown or late, to look at. */
  readonly refused: readonly string[];
}

export type LabelMetric = 'accuracy' | 'meanAbsoluteError' | 'logLoss';

export interface LabelQuestion {
  readonly environment: string;
  readonly deployment: string;
  readonly versions: readonly string[];
  readonly metric: LabelMetric;
  /** By default the model's first output. */
  readonly output?: string;
  /** From which probability on a yes is meant. */
  readonly threshold: number;
  /** Only rows with this value of an input. */
  readonly slice?: { readonly input: string; readonly value: string | number | boolean };
  /** Labels that arrived since then, in milliseconds since 1970, whenever their predictions were made. */
  readonly since: number;
}

export interface LabelMeasure {
  /** By version; those without a label are absent. */
  readonly sums: Readonly<Record<string, LabelSums>>;
  /** Labels that fit no such measure: a text where the output is a number, a redacted output. */
  readonly unfit: number;
}

/** Of what the metric is the mean of, row by row. */
export interface LabelSums {
  readonly count: number;
  readonly sum: number;
  readonly sumSquares: number;
}

export interface Erasure {
  /** The pseudonym that was erased: it tells nobody whose it is. */
  readonly pseudonym: string;
  /** RFC 3339. */
  readonly at: string;
  readonly predictions: number;
  readonly labels: number;
  /** Each file that was written anew, with what it was before and is now. */
  readonly files: readonly ErasedFile[];
  /** Files that could not be read and lie aside: nobody looked into them. */
  readonly unread: readonly string[];
  /** Rows of the subject that were found when what had held any was looked through again: 0. */
  readonly remaining: number;
}

export interface ErasedFile {
  readonly file: string;
  readonly rows: number;
  readonly erased: number;
  /** `sha256:` of the file that is gone. */
  readonly before: string;
  /** Of the file that took its place; null where nothing was left. */
  readonly after: string | null;
}

export interface SinkStatus {
  /** Rows of predictions that are kept. */
  readonly predictions: number;
  readonly labels: number;
  readonly files: number;
  readonly bytes: number;
  /** Batches that wait to be taken in. */
  readonly waiting: number;
  /** Since the log began. */
  readonly counts: {
    /** Predictions that processes had taken and that ended with them: at least so many. */
    readonly lost: number;
    /** Predictions that were handed in and let go of because too much waited. */
    readonly discarded: number;
    /** Files that could not be read and were put aside. */
    readonly unreadable: number;
    readonly unknownLabels: number;
    readonly lateLabels: number;
  };
  /** Why nothing can be written now. */
  readonly trouble?: string;
  /** Where files are kept beside this machine. */
  readonly bucket?: BucketStatus;
}

export interface SinkTrouble {
  /** Why nothing can be written now. Absent while all is well, and where nothing is to be kept. */
  readonly log?: string;
  /** Why the bucket cannot be used now. */
  readonly bucket?: string;
}

export interface BucketStatus {
  readonly address: string;
  readonly objects: number;
  readonly bytes: number;
  /** Files that are on this machine alone, until the bucket has them. */
  readonly waiting: number;
  readonly waitingBytes: number;
  /** Bytes of files on this machine, whether the bucket has them or not. */
  readonly localBytes: number;
  /** Since the process began. */
  readonly counts: {
    readonly uploaded: number;
    readonly fetched: number;
    /** Requests that failed. */
    readonly failed: number;
    /** Objects that should have been there. */
    readonly missing: number;
  };
  /** Why the bucket cannot be used now. */
  readonly trouble?: string;
}

export const predictionSink = defineCapability<PredictionSink>('prediction-sink');
