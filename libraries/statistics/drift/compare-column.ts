import { StatisticsError } from '../error.ts';
import {
  type Cells,
  fisherExact,
  isNumericTest,
  isProportionTest,
  jensenShannon,
  proportionsZ,
  quantileEdges,
  type SortedSamples,
  sortedSamples,
  type TestName,
  type TestOutcome,
  testCells,
  testNumbers,
} from '../two-sample/index.ts';
import { defaultTest, defaultThreshold, fewValues } from './choice.ts';
import type {
  CategorySample,
  CellShare,
  ColumnSample,
  ColumnStatus,
  HistogramSample,
  NumberSample,
  SeenCategories,
} from './column.ts';
import { canTestHistograms, tenths, testHistograms } from './histogram.ts';
import { levelCells, seenOnlyIn } from './levels.ts';

export interface ColumnOptions {
  /** Instead of the default choice. */
  readonly test?: TestName;
  /** Instead of the test's default threshold. */
  readonly threshold?: number;
  /** Of Jensen and Shannon's distance. */
  readonly base?: 2 | 'e';
  /** Compare also what looks like an identifier. */
  readonly isAskedFor?: boolean;
}

/** One column compared, before p values are adjusted for the number of columns. */
export interface ComparedColumn {
  readonly type: 'number' | 'category';
  readonly status: ColumnStatus;
  readonly reason?: string;
  readonly test?: TestName;
  readonly outcome?: TestOutcome;
  readonly threshold?: number;
  readonly newCategories: SeenCategories;
  readonly vanishedCategories: SeenCategories;
  readonly distribution: readonly CellShare[];
}

/** Compares what two samples hold of a column. Never throws for what they hold: whatever cannot be compared has a status. */
export function compareColumn(
  reference: ColumnSample | undefined,
  current: ColumnSample | undefined,
  options: ColumnOptions = {},
): ComparedColumn {
  const type = typeOf(reference ?? current);
  const status = statusBefore(reference, current);
  if (reference === undefined || current === undefined || status !== undefined)
    return { type, status: status ?? 'not-in-current', ...nothingSeen };
  try {
    if (reference.type === 'number' && current.type === 'number')
      return compareNumbers(reference, current, options);
    if (reference.type === 'histogram' && current.type === 'histogram')
      return compareHistograms(reference, current, options);
    return compareCategories(categoriesOf(reference), categoriesOf(current), options);
  } catch (thrown) {
    if (!(thrown instanceof StatisticsError)) throw thrown;
    const test = options.test === undefined ? {} : { test: options.test };
    return { type, status: 'not-comparable', reason: thrown.message, ...test, ...nothingSeen };
  }
}

const none: SeenCategories = { count: 0, rows: 0, names: [] };
const nothingSeen = { newCategories: none, vanishedCategories: none, distribution: [] };

function statusBefore(
  reference: ColumnSample | undefined,
  current: ColumnSample | undefined,
): ColumnStatus | undefined {
  if (reference === undefined) return 'not-in-reference';
  if (current === undefined) return 'not-in-current';
  if (reference.rows === 0) return 'reference-empty';
  if (current.rows === 0) return 'current-empty';
  if (valuesOf(reference) === 0) return 'reference-only-missing';
  if (valuesOf(current) > 0) return undefined;
  return current.type !== 'category' && current.unreadable > 0 ? 'type-differs' : 'current-only-missing';
}

/** Rows that can be compared. */
export function valuesOf(sample: ColumnSample): number {
  if (sample.type === 'number') return sample.values.length;
  if (sample.type === 'category') return sample.rows - sample.missing;
  return sample.rows - sample.missing - sample.infinite - sample.unreadable;
}

function compareNumbers(
  reference: NumberSample,
  current: NumberSample,
  options: ColumnOptions,
): ComparedColumn {
  const samples = sortedSamples(reference.values, current.values);
  const distinct = countDistinct(samples);
  const test =
    options.test ?? defaultTest({ type: 'number', referenceRows: samples.reference.length, distinct });
  const type = 'number';
  if (distinct === 1) return { type, status: 'constant', ...nothingSeen };
  if (isConstant(samples.reference)) return againstConstant(samples, options);
  const isFew = distinct <= fewValues;
  if (isProportionTest(test) && !isFew) return notApplicable(type, test, 'it compares columns of two values');
  const threshold = options.threshold ?? defaultThreshold(test);
  if (isFew && !isNumericTest(test)) {
    const few = categoriesOfFew(samples);
    return { ...compareCategories(few.reference, few.current, options), type };
  }
  // Asked again: proportions have gone the other way.
  if (isProportionTest(test)) return notApplicable(type, test, 'it compares columns of two values');
  const edges = quantileEdges(samples.reference, pictureCells);
  return {
    type,
    status: 'compared',
    test,
    outcome: testNumbers(test, samples),
    threshold,
    newCategories: none,
    vanishedCategories: none,
    distribution: binShares(samples, edges),
  };
}

/** Numbers of which only profiles are left. */
function compareHistograms(
  reference: HistogramSample,
  current: HistogramSample,
  options: ColumnOptions,
): ComparedColumn {
  const type = 'number';
  if (reference.distinct !== undefined && current.distinct !== undefined) {
    // All values are known: as exact as the rows themselves.
    const samples = { reference: valuesAmong(reference.distinct), current: valuesAmong(current.distinct) };
    const asNumbers = (sample: HistogramSample, values: Float64Array): NumberSample => ({
      ...sample,
      type,
      values,
    });
    return compareNumbers(
      asNumbers(reference, samples.reference),
      asNumbers(current, samples.current),
      options,
    );
  }
  const referenceRows = valuesOf(reference);
  const distinct = fewValues + 1;
  const test = options.test ?? defaultTest({ type, referenceRows, distinct });
  if (isProportionTest(test)) return notApplicable(type, test, 'it compares columns of two values');
  if (!canTestHistograms(test))
    return notApplicable(type, test, 'it needs the values, and only a profile is there');
  const { ends, ...cells } = tenths(reference, current);
  return {
    type,
    status: 'compared',
    test,
    outcome: testHistograms(test, reference, current),
    threshold: options.threshold ?? defaultThreshold(test),
    newCategories: none,
    vanishedCategories: none,
    distribution: sharesOf(cells, labelsOf(ends, 'below')),
  };
}

function valuesAmong(distinct: readonly (readonly [value: number, count: number])[]): Float64Array {
  const total = distinct.reduce((sum, [, count]) => sum + count, 0);
  const values = new Float64Array(total);
  let filled = 0;
  for (const [value, count] of distinct) {
    values.fill(value, filled, filled + count);
    filled += count;
  }
  return values;
}

/** Of a reference that is one value: whether the current sample is as well. */
function againstConstant(samples: SortedSamples, options: ColumnOptions): ComparedColumn {
  const value = samples.reference[0]!;
  let same = 0;
  for (const each of samples.current) if (each === value) same++;
  const cells = {
    reference: [samples.reference.length, 0],
    current: [same, samples.current.length - same],
  };
  const outcome = fisherExact(cells);
  return {
    type: 'number',
    status: 'constant-reference',
    reason: `the reference is ${value} throughout: compared is how often the current sample is another value`,
    test: 'fisher-exact',
    outcome,
    threshold: options.threshold ?? defaultThreshold('fisher-exact'),
    newCategories: none,
    vanishedCategories: none,
    distribution: sharesOf(cells, [String(value), '(other values)']),
  };
}

function compareCategories(
  reference: CategorySample,
  current: CategorySample,
  options: ColumnOptions,
): ComparedColumn {
  const type = 'category';
  const seen = {
    newCategories: seenOnlyIn(current, reference),
    vanishedCategories: seenOnlyIn(reference, current),
  };
  const rows = valuesOf(reference);
  if (options.isAskedFor !== true && isIdentifier(reference)) {
    const reason = `${reference.distinct ?? reference.counts.size} different texts in ${rows} rows`;
    return { type, status: 'identifier', reason, ...nothingSeen };
  }
  const distinct = reference.counts.size + seen.newCategories.count;
  if (distinct === 1) return { type, status: 'constant', ...nothingSeen };
  const test = options.test ?? defaultTest({ type, referenceRows: rows, distinct });
  if (isNumericTest(test)) return notApplicable(type, test, 'it compares numbers');
  const { labels, ...cells } = levelCells(reference, current);
  if (isProportionTest(test) && labels.length !== 2)
    return notApplicable(type, test, 'it compares columns of two values');
  return {
    type,
    status: reference.counts.size === 1 ? 'constant-reference' : 'compared',
    test,
    outcome: test === 'jensen-shannon' ? jensenShannon(cells, options.base) : testCells(test, cells),
    threshold: options.threshold ?? defaultThreshold(test),
    ...seen,
    distribution: sharesOf(cells, labels),
  };
}

/** Of so many texts that the most frequent ones are next to none of the rows. */
function isIdentifier(sample: CategorySample): boolean {
  if ((sample.distinct ?? sample.counts.size) <= 100) return false;
  const { reference, labels } = levelCells(sample, sample);
  return reference[labels.length - 1]! > 0.8 * valuesOf(sample);
}

function notApplicable(type: 'number' | 'category', test: TestName, why: string): ComparedColumn {
  return {
    type,
    status: 'test-not-applicable',
    reason: `${test} is not for this column: ${why}`,
    test,
    ...nothingSeen,
  };
}

/** z where there are rows enough for it, else Fisher's exact test. */
export function testProportion(cells: Cells): TestOutcome {
  const all = cells.reference[0]! + cells.current[0]!;
  return all < 50 ? fisherExact(cells) : proportionsZ(cells);
}

const pictureCells = 10;

function binShares(samples: SortedSamples, edges: readonly number[]): readonly CellShare[] {
  const counts = (sorted: Float64Array): number[] => {
    const found = new Array<number>(edges.length + 1).fill(0);
    let cell = 0;
    for (const value of sorted) {
      while (cell < edges.length && value > edges[cell]!) cell++;
      found[cell]!++;
    }
    return found;
  };
  const cells = { reference: counts(samples.reference), current: counts(samples.current) };
  return sharesOf(cells, labelsOf(edges, 'up to'));
}

function labelsOf(edges: readonly number[], which: 'up to' | 'below'): string[] {
  const figure = (value: number) => String(Number(value.toPrecision(4)));
  const labels = edges.map((edge) => `${which} ${figure(edge)}`);
  labels.push(
    edges.length === 0 ? 'all' : `${which === 'below' ? 'from' : 'above'} ${figure(edges.at(-1)!)}`,
  );
  return labels;
}

function typeOf(sample: ColumnSample | undefined): 'number' | 'category' {
  return sample === undefined || sample.type === 'category' ? 'category' : 'number';
}

function sharesOf({ reference, current }: Cells, labels: readonly string[]): readonly CellShare[] {
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);
  const [rows, others] = [sum(reference), sum(current)];
  return labels.map((cell, at) => ({
    cell,
    reference: reference[at]! / rows,
    current: current[at]! / others,
  }));
}

/** Of both samples; more than needed to tell few from many is not counted. */
function countDistinct({ reference, current }: SortedSamples): number {
  const seen = new Set<number>();
  for (const sorted of [reference, current]) {
    for (let row = 0; row < sorted.length; row++) {
      if (row > 0 && sorted[row] === sorted[row - 1]) continue;
      seen.add(sorted[row]!);
      if (seen.size > fewValues) return seen.size;
    }
  }
  return seen.size;
}

function isConstant(sorted: Float64Array): boolean {
  return sorted[0] === sorted.at(-1);
}

function categoriesOfFew({ reference, current }: SortedSamples): {
  reference: CategorySample;
  current: CategorySample;
} {
  const of = (sorted: Float64Array): CategorySample => {
    const counts = new Map<string, number>();
    for (const value of sorted) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1);
    return { type: 'category', rows: sorted.length, missing: 0, counts };
  };
  return { reference: of(reference), current: of(current) };
}

/** Numbers among categories are categories: their sample was asked to be read so, or holds too few to tell. */
function categoriesOf(sample: ColumnSample): CategorySample {
  if (sample.type === 'category') return sample;
  if (sample.type === 'histogram') throw new StatisticsError('one sample holds numbers and the other texts');
  const counts = new Map<string, number>();
  for (let row = 0; row < sample.values.length; row++) {
    const text = String(sample.values[row]);
    counts.set(text, (counts.get(text) ?? 0) + 1);
  }
  return { type: 'category', rows: sample.rows, missing: sample.rows - sample.values.length, counts };
}
