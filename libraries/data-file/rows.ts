/** A value as its format knows it: of CSV always text, or null where nothing stands. */
export type Cell = string | number | boolean | bigint | null;

export interface RowBatch<Of extends Cell = Cell> {
  readonly columns: readonly string[];
  /** Each as long as `columns`. */
  readonly rows: readonly (readonly Of[])[];
}

export interface ReadOptions {
  readonly signal?: AbortSignal;
  /** Told how many more bytes of the file have been read. */
  readonly onBytes?: (bytes: number) => void;
}

export const longestRecord = 1024 * 1024;
export const mostColumns = 4096;
