/** A value as its format knows it: of CSV always text, or null where nothing stands. */
export type Cell = string | number | boolean | bigint | null;

export interface RowBatch<Of extends Cell = Cell> {
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly Of[])[];
}

/** How JSON is read and written by whoever has whole numbers that no JavaScript number holds. */
export interface JsonWays {
  readonly parse: (text: string) => unknown;
  /** The whole number that a parsed value stands for, where it stands for one. */
  readonly longInteger: (value: unknown) => bigint | undefined;
  /** The text of what was parsed. */
  readonly stringify: (value: unknown) => string;
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Of lines of JSON. As JavaScript has it where nothing is said: whole numbers beyond 2^53 are rounded. */
  readonly json?: JsonWays;
  /** Told how many more bytes of the file have been read: all of them together are its size. Of Parquet by its rows. */
  readonly onBytes?: (bytes: number) => void;
}

export const longestRecord = 1024 * 1024;
export const mostColumns = 4096;
