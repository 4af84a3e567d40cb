import type { DriftReport } from './column.ts';
import { type CompareOptions, datasetOf, type Sample } from './compare.ts';
import { findColumns, judgeColumns } from './judge-columns.ts';

/** Rows of both samples that have something in common. */
export interface Slice {
  readonly column: string;
  readonly value: string;
  readonly reference: Sample;
  readonly current: Sample;
}

export interface SliceDrift extends DriftReport {
  readonly slice: { readonly column: string; readonly value: string };
}

/**
 * Compares each slice column by column. The more slices, the more would seem to drift by chance: p values are adjusted for the tests of
 * all slices together.
 */
export function compareSlices(slices: readonly Slice[], options: CompareOptions = {}): readonly SliceDrift[] {
  const found = slices.map(({ reference, current }) => findColumns(reference, current, options));
  const judged = judgeColumns(found, options);
  return slices.map(({ column, value, reference, current }, at) => {
    const columns = judged[at] ?? [];
    return { slice: { column, value }, columns, dataset: datasetOf(columns, reference, current, options) };
  });
}
