/** What a job is, and how far it has come. */

/** What was asked for; it never changes. */
export interface Job {
  /** Names it, and opens nothing. */
  readonly id: string;
  /** Whoever put it in without a token of the platform asks for it with this; nobody can guess it. */
  readonly key?: string;
  readonly environment?: string;
  readonly deployment: string;
  readonly version?: string;
  /** RFC 3339. */
  readonly created: string;
  /** Of the file of rows. */
  readonly format: 'csv' | 'tsv' | 'jsonl' | 'parquet';
  /** Bytes of the file of rows. */
  readonly size: number;
  /** Values that stand where a cell is empty, by their fields. */
  readonly missing?: Readonly<Record<string, string>>;
  /** Columns that are written beside the predictions. */
  readonly keep?: readonly string[];
  /** Of a request for rows by name: its other fields. */
  readonly request?: {
    readonly outputs?: readonly string[];
    readonly parameters?: Readonly<Record<string, unknown>>;
  };
}

export type JobState = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** How far it has come; written by whoever works it alone. */
export interface JobProgress {
  readonly state: JobState;
  /** Rows that have their line in the result. */
  readonly rows: number;
  /** Those of them that could not be predicted. */
  readonly failed: number;
  /** What they failed for, of the first kinds that were met, with how many rows each. */
  readonly errors?: readonly { readonly error: string; readonly rows: number }[];
  /** Bytes of the result that count. */
  readonly bytes: number;
  /** The share of the file that was read, from 0 to 1. */
  readonly read: number;
  /** Names of what a prediction has, once the first rows are answered: columns of a table. */
  readonly columns?: readonly string[];
  readonly started?: string;
  readonly ended?: string;
  /** When the result is let go of. */
  readonly expires?: string;
  /** What it waits for, while it does. */
  readonly waiting?: string;
  /** Its file is read, and nothing was written since that began. */
  readonly isBegun?: boolean;
  /** How often whoever worked it ended by itself then, one after the other. */
  readonly losses?: number;
  /** Why it failed. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string };
}

export const queued: JobProgress = { state: 'queued', rows: 0, failed: 0, bytes: 0, read: 0 };

export function hasEnded({ state }: JobProgress): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}
