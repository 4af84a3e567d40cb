import { StatisticsError } from '../error.ts';
import { benjaminiHochberg, holm } from '../multiple-tests.ts';
import type { TestName } from '../two-sample/index.ts';
import type { ColumnDrift, ColumnSample, Correction, DriftReport, MissingDrift } from './column.ts';
import {
  type ColumnOptions,
  type ComparedColumn,
  compareColumn,
  testProportion,
  valuesOf,
} from './compare-column.ts';

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
  readonly base?: 2 | 'e';
  /** Columns that are compared whatever they look like. */
  readonly askedFor?: readonly string[];
}

export type Sample = ReadonlyMap<string, ColumnSample>;

/** Missing values drift where their share moves by so much, and significantly. */
const missingThreshold = 0.1;

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
  const { alpha = 0.05, correction = 'benjamini-hochberg', datasetThreshold = 0.5 } = options;
  const names = [...new Set([...reference.keys(), ...current.keys()])];
  const found = names.map((name) => {
    const [one, other] = [reference.get(name), current.get(name)];
    return {
      name,
      one,
      other,
      compared: compareColumn(one, other, optionsOf(name, options)),
      missing: missingTest(one, other),
    };
  });
  const family = found.flatMap(({ compared, missing }) => [
    compared.outcome?.pValue,
    missing.pValue ?? undefined,
  ]);
  const adjusted = adjust(family, correction);
  const columns = found.map(({ name, one, other, compared, missing }, at): ColumnDrift => {
    const isMissingMore =
      (adjusted[2 * at + 1] ?? 1) < alpha &&
      Math.abs(missing.reference - missing.current) >= missingThreshold;
    return describe(name, one, other, compared, {
      alpha,
      adjusted: adjusted[2 * at],
      missing: { ...missing, adjustedPValue: adjusted[2 * at + 1] ?? null, drifted: isMissingMore },
    });
  });
  const judged = columns.filter(({ drifted }) => drifted !== null);
  const drifted = judged.filter((column) => column.drifted).length;
  const share = judged.length === 0 ? 0 : drifted / judged.length;
  return {
    columns,
    dataset: {
      columns: columns.length,
      compared: judged.length,
      drifted,
      share,
      threshold: datasetThreshold,
      driftDetected: judged.length > 0 && share >= datasetThreshold,
      alpha,
      correction,
      rows: { reference: rowsOf(reference), current: rowsOf(current) },
    },
  };
}

function optionsOf(name: string, options: CompareOptions): ColumnOptions {
  const test = options.tests?.[name] ?? options.test;
  const threshold = options.thresholds?.[name] ?? options.threshold;
  return {
    ...(test === undefined ? {} : { test }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(options.base === undefined ? {} : { base: options.base }),
    isAskedFor: options.askedFor?.includes(name) === true,
  };
}

function describe(
  column: string,
  reference: ColumnSample | undefined,
  current: ColumnSample | undefined,
  compared: ComparedColumn,
  judged: { readonly alpha: number; readonly adjusted: number | undefined; readonly missing: MissingDrift },
): ColumnDrift {
  const { outcome, threshold } = compared;
  const isDifferent =
    outcome !== undefined && (judged.adjusted ?? 1) < judged.alpha && outcome.effect >= (threshold ?? 0);
  // What could not be compared has drifted nevertheless where its values went missing.
  const isJudged = outcome !== undefined || compared.status === 'constant' || judged.missing.drifted;
  const numbers = (sample: ColumnSample | undefined, field: 'infinite' | 'unreadable') =>
    sample === undefined || sample.type === 'category' ? 0 : sample[field];
  const both = (field: 'infinite' | 'unreadable') => ({
    reference: numbers(reference, field),
    current: numbers(current, field),
  });
  return {
    column,
    type: compared.type,
    status: compared.status,
    ...(compared.reason === undefined ? {} : { reason: compared.reason }),
    test: compared.test ?? null,
    method: outcome?.method ?? null,
    statistic: outcome?.statistic ?? null,
    pValue: outcome?.pValue ?? null,
    adjustedPValue: judged.adjusted ?? null,
    effect: outcome?.effect ?? null,
    effectName: outcome?.effectName ?? null,
    threshold: threshold ?? null,
    drifted: isJudged ? isDifferent || judged.missing.drifted : null,
    missing: judged.missing,
    n: {
      reference: reference === undefined ? 0 : valuesOf(reference),
      current: current === undefined ? 0 : valuesOf(current),
    },
    infinite: both('infinite'),
    unreadable: both('unreadable'),
    newCategories: compared.newCategories,
    vanishedCategories: compared.vanishedCategories,
    distribution: compared.distribution,
    limits: outcome?.limits ?? [],
  };
}

/** Whatever is no value counts: missing, infinite, unreadable. */
function missingTest(
  reference: ColumnSample | undefined,
  current: ColumnSample | undefined,
): Pick<MissingDrift, 'reference' | 'current' | 'pValue'> {
  const share = (sample: ColumnSample | undefined) =>
    sample === undefined || sample.rows === 0 ? 0 : (sample.rows - valuesOf(sample)) / sample.rows;
  const shares = { reference: share(reference), current: share(current) };
  if (!reference?.rows || !current?.rows || shares.reference + shares.current === 0)
    return { ...shares, pValue: null };
  try {
    const cells = (of: 'missing' | 'there', sample: ColumnSample) =>
      of === 'there' ? valuesOf(sample) : sample.rows - valuesOf(sample);
    const { outcome } = testProportion({
      reference: [cells('missing', reference), cells('there', reference)],
      current: [cells('missing', current), cells('there', current)],
    });
    return { ...shares, pValue: outcome.pValue };
  } catch (thrown) {
    // Missing throughout, in both.
    if (thrown instanceof StatisticsError) return { ...shares, pValue: null };
    throw thrown;
  }
}

/** In their places; tests that were not made have none. */
function adjust(
  family: readonly (number | undefined)[],
  correction: Correction,
): readonly (number | undefined)[] {
  if (correction === 'none') return family;
  const made = family.flatMap((p) => (p === undefined ? [] : [p]));
  const adjusted = [...(correction === 'holm' ? holm(made) : benjaminiHochberg(made))];
  return family.map((p) => (p === undefined ? undefined : adjusted.shift()));
}

function rowsOf(sample: Sample): number {
  let most = 0;
  for (const { rows } of sample.values()) most = Math.max(most, rows);
  return most;
}
