import type { TestName } from '../two-sample/index.ts';
import type { ColumnDrift, ColumnSample, Correction, DatasetDrift, DriftReport } from './column.ts';
import { findColumns, judgeColumns } from './judge-columns.ts';

export interface CompareOptions {
  /** For every column that it can be used on. */
  readonly test?: TestName;
  /** By column; wins over `test`. */
  readonly tests?: Readonly<Record<string, TestName>>;
  /** Default 0.05. */
  readonly alpha?: number;
  /** Default Benjamini and Hochberg's. */
  readonly correction?: Correction;
  /** For every column, instead of the default of its test. */
  readonly threshold?: number;
  /** By column; wins over `threshold`. */
  readonly thresholds?: Readonly<Record<string, number>>;
  /** Share of drifted columns from which on the dataset has drifted. Default 0.5. */
  readonly datasetThreshold?: number;
  /**
   * Columns that are no inputs: what a model is to answer, and what it answers. They are compared whatever they look like, adjusted for
   * their own number, and do not count in the share of drifted columns.
   */
  readonly roles?: Readonly<Record<string, 'target' | 'prediction'>>;
  readonly base?: 2 | 'e';
  /** Columns that are compared whatever they look like. */
  readonly askedFor?: readonly string[];
}

export type Sample = ReadonlyMap<string, ColumnSample>;

/**
 * Compares two samples column by column. A column has drifted where its difference is significant, after adjusting for all
 * tests, *and* its effect reaches the threshold: of many rows everything is significant, of few anything is large. Never throws
 * for what the samples hold.
 */
export function compareSamples(
  reference: Sample,
  current: Sample,
  options: CompareOptions = {},
): DriftReport {
  const [columns = []] = judgeColumns([findColumns(reference, current, options)], options);
  return { columns, dataset: datasetOf(columns, reference, current, options) };
}

/** What the inputs say of the dataset. */
export function datasetOf(
  all: readonly ColumnDrift[],
  reference: Sample,
  current: Sample,
  { alpha = 0.05, correction = 'benjamini-hochberg', datasetThreshold = 0.5 }: CompareOptions,
): DatasetDrift {
  const columns = all.filter(({ role }) => role === 'input');
  const judged = columns.filter(({ drifted }) => drifted !== null);
  const drifted = judged.filter((column) => column.drifted).length;
  const share = judged.length === 0 ? 0 : drifted / judged.length;
  return {
    columns: columns.length,
    compared: judged.length,
    drifted,
    share,
    threshold: datasetThreshold,
    driftDetected: judged.length > 0 && share >= datasetThreshold,
    alpha,
    correction,
    rows: { reference: rowsOf(reference), current: rowsOf(current) },
  };
}

function rowsOf(sample: Sample): number {
  let most = 0;
  for (const { rows } of sample.values()) most = Math.max(most, rows);
  return most;
}
