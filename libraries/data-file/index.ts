/**
 * Rows of a CSV, JSONL or Parquet file, as a stream: memory grows with a batch (of Parquet, a row group), not with the file. What
 * cannot be read is refused with its line.
 */
export { type BatchOptions, batchesOf } from './batches.ts';
export { type ColumnReadOptions, type ColumnValues, readColumns } from './columns.ts';
export { csvRows } from './csv.ts';
export { DataFileError } from './error.ts';
export { isMissing, numberOf } from './number-text.ts';
export { type DataFormat, formatOf, readRows } from './read-rows.ts';
export type { Cell, ReadOptions, RowBatch } from './rows.ts';
export { readSlices, type SliceReadOptions } from './slices.ts';
