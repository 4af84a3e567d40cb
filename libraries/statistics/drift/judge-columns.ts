import { StatisticsError } from '../error.ts';
import { benjaminiHochberg, holm } from '../multiple-tests.ts';
import type { ColumnDrift, ColumnSample, Correction, MissingDrift } from './column.ts';
import type { CompareOptions, Sample } from './compare.ts';
import {
  type ColumnOptions,
  type ComparedColumn,
  compareColumn,
  testProportion,
  valuesOf,
} from './compare-column.ts';

/** Missing values drift where their share moves by so much, and significantly. */
const missingThreshold = 0.1;

/** A column compared, before p values are adjusted for all that are judged together. */
export interface FoundColumn {
  readonly name: string;
  readonly one: ColumnSample | undefined;
  readonly other: ColumnSample | undefined;
  readonly compared: ComparedColumn;
  readonly missing: Pick<MissingDrift, 'reference' | 'current' | 'pValue'>;
}

export function findColumns(
  reference: Sample,
  current: Sample,
  options: CompareOptions,
): readonly FoundColumn[] {
  const names = [...new Set([...reference.keys(), ...current.keys()])];
  return names.map((name) => {
    const [one, other] = [reference.get(name), current.get(name)];
    return {
      name,
      one,
      other,
      compared: compareColumn(one, other, optionsOf(name, options)),
      missing: missingTest(one, other),
    };
  });
}

/**
 * Judges comparisons together, such as those of several slices: p values are adjusted for the tests of all of them. What a model is to
 * answer and what it answers is another question than what it is asked: those are a family of their own.
 */
export function judgeColumns(
  comparisons: readonly (readonly FoundColumn[])[],
  { alpha = 0.05, correction = 'benjamini-hochberg', roles = {} }: CompareOptions,
): readonly (readonly ColumnDrift[])[] {
  const all = comparisons.flat();
  const adjusted = new Map<FoundColumn, readonly (number | undefined)[]>();
  for (const isInput of [true, false]) {
    const members = all.filter(({ name }) => (roles[name] === undefined) === isInput);
    const family = members.flatMap(({ compared, missing }) => [
      compared.outcome?.pValue,
      missing.pValue ?? undefined,
    ]);
    const found = adjust(family, correction);
    for (const [at, column] of members.entries()) adjusted.set(column, found.slice(2 * at, 2 * at + 2));
  }
  return comparisons.map((found) =>
    found.map((column): ColumnDrift => {
      const { name, one, other, compared, missing } = column;
      const [ofValues, ofMissing] = adjusted.get(column) ?? [];
      const isMissingMore =
        (ofMissing ?? 1) < alpha && Math.abs(missing.reference - missing.current) >= missingThreshold;
      return describe(name, one, other, compared, {
        alpha,
        role: roles[name] ?? 'input',
        adjusted: ofValues,
        missing: { ...missing, adjustedPValue: ofMissing ?? null, drifted: isMissingMore },
      });
    }),
  );
}

function optionsOf(name: string, options: CompareOptions): ColumnOptions {
  const test = options.tests?.[name] ?? options.test;
  const threshold = options.thresholds?.[name] ?? options.threshold;
  return {
    ...(test === undefined ? {} : { test }),
    ...(threshold === undefined ? {} : { threshold }),
    ...(options.base === undefined ? {} : { base: options.base }),
    isAskedFor: options.askedFor?.includes(name) === true || options.roles?.[name] !== undefined,
  };
}

function describe(
  column: string,
  reference: ColumnSample | undefined,
  current: ColumnSample | undefined,
  compared: ComparedColumn,
  judged: {
    readonly alpha: number;
    readonly role: ColumnDrift['role'];
    readonly adjusted: number | undefined;
    readonly missing: MissingDrift;
  },
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
    role: judged.role,
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
