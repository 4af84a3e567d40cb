/** What a batch of predictions says: who wrote it, and what was predicted. */

/** What all predictions of one version in one place have in common. */
export interface PredictionOrigin {
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  readonly version: string;
  /** `stable`, `candidate`, `arm`, `shadow` or `warm`. */
  readonly variant: string;
  /** The registry commit that declared it. */
  readonly commit: string;
  /** Whether the first dimension of every tensor counts rows. */
  readonly hasRows: boolean;
  readonly inputs: readonly ColumnName[];
  readonly outputs: readonly ColumnName[];
  /** Whether its records say how outlying their rows are. Absent: they do not. */
  readonly hasOutliers?: boolean;
}

export interface ColumnName {
  readonly name: string;
  /** Of the Open Inference Protocol, as it is in the batch: a hashed number is `BYTES`. */
  readonly datatype: string;
}

/** The elements of a tensor as they are logged; or why they are not. */
export type LoggedData = ArrayBufferView | readonly string[] | 'redacted' | 'too large';

export interface LoggedTensor {
  readonly shape: readonly number[];
  readonly data: LoggedData;
}

export interface PredictionRecord {
  /** A UUID in its usual form. */
  readonly id: string;
  /** Milliseconds since 1970, of the answer. */
  readonly at: number;
  /** From the whole request read to the answer. */
  readonly milliseconds: number;
  /** 32 hexadecimal digits; empty where the request came without. */
  readonly trace: string;
  readonly tenant: string;
  /** Pseudonyms of whom it is about: one, or one for each row; none where nobody is named. */
  readonly subjects: readonly string[];
  /** In the order of the origin's inputs and outputs. */
  readonly inputs: readonly LoggedTensor[];
  readonly outputs: readonly LoggedTensor[];
  /** How outlying each row is, where the origin has that; none where it could not be told. From 1 on it is an outlier. */
  readonly outliers?: ArrayLike<number> | undefined;
}

/** Who wrote a batch, and what it had counted until then. */
export interface BatchWriter {
  /** The inference process's name. */
  readonly process: string;
  readonly pid: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** Counts up with each batch of one process, from 0. */
  readonly sequence: number;
  /** Predictions that it took since it began, with those in this batch. */
  readonly taken: number;
  /** Of those, how many it had to let go of because nobody wrote them down in time. */
  readonly dropped: number;
  /** Whether the process ended after it, with nothing left to write. */
  readonly isLast: boolean;
}

export interface PredictionBatch {
  readonly writer: BatchWriter;
  readonly records: readonly (PredictionRecord & { readonly origin: PredictionOrigin })[];
}

/** The name of a batch's file: by it batches sort in the order of their writing, and tell how many predictions they hold. */
export function batchFileName(writer: BatchWriter, records: number, at: number): string {
  const order = `${String(at).padStart(14, '0')}-${String(writer.sequence).padStart(8, '0')}`;
  return `${order}-${writer.process}-${writer.pid}-${records}.batch`;
}

/** How many predictions the file of that name holds; undefined where it is no batch. */
export function recordsInFile(name: string): number | undefined {
  const count = /-(\d+)\.batch(\.draft)?$/.exec(name)?.[1];
  return count === undefined ? undefined : Number(count);
}

/** The first bytes of every batch. */
export const batchMagic = 'SYPB0001';
