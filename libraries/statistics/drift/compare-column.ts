import { StatisticsError } from '../error.ts';
import {
  type Cells,
  isNumericTest,
  isProportionTest,
  jensenShannon,
  type ProportionTest,
  type TestName,
  type TestOutcome,
  testCells,
} from '../two-sample/index.ts';
import { defaultTest, defaultThreshold, fewValues } from './choice.ts';
import type { CategorySample, CellShare, ColumnSample, ColumnStatus, SeenCategories } from './column.ts';
import { countedNumbers } from './counted-numbers.ts';
import { sharesOf } from './distribution.ts';
import { histogramNumbers } from './histogram.ts';
import { levelCells, seenOnlyIn } from './levels.ts';
import type { Numbers } from './numbers.ts';
import { rowsOfNumbers } from './rows-of-numbers.ts';

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
    const numbers = numbersOf(reference, current);
    if (numbers !== undefined) return compareNumbers(numbers, options);
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

/** Undefined where a sample holds texts, or only one of them its rows. */
function numbersOf(reference: ColumnSample, current: ColumnSample): Numbers | undefined {
  if (reference.type === 'number' && current.type === 'number')
    return rowsOfNumbers({ reference: reference.values, current: current.values });
  if (reference.type !== 'histogram' || current.type !== 'histogram') return undefined;
  return countedNumbers(reference, current) ?? histogramNumbers(reference, current);
}

function compareNumbers(numbers: Numbers, options: ColumnOptions): ComparedColumn {
  const type = 'number';
  const { distinct, referenceRows, constant } = numbers;
  if (distinct === 1) return { type, status: 'constant', ...nothingSeen };
  if (constant !== undefined) return againstConstant(constant, options);
  const test = options.test ?? defaultTest({ type, referenceRows, distinct });
  const isFew = distinct <= fewValues;
  if (isFew && !isNumericTest(test)) {
    const few = numbers.categories();
    return { ...compareCategories(few.reference, few.current, options), type };
  }
  if (isProportionTest(test)) return notApplicable(type, test, 'it compares columns of two values');
  const whyNot = numbers.whyNot(test);
  if (whyNot !== undefined) return notApplicable(type, test, whyNot);
  return {
    ...nothingSeen,
    type,
    status: 'compared',
    test,
    threshold: options.threshold ?? defaultThreshold(test),
    ...numbers.judge(test),
  };
}

/** Of a reference that is one value: whether the current sample is as well. */
function againstConstant(
  { value, cells }: NonNullable<Numbers['constant']>,
  options: ColumnOptions,
): ComparedColumn {
  const { test, outcome } = testProportion(cells);
  return {
    ...nothingSeen,
    type: 'number',
    status: 'constant-reference',
    reason: `the reference is ${value} throughout: compared is how often the current sample is another value`,
    test,
    outcome,
    threshold: options.threshold ?? defaultThreshold(test),
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

/** z where there are rows enough of either sort, else Fisher's exact test, which then has few tables to go through. */
export function testProportion(cells: Cells): { test: ProportionTest; outcome: TestOutcome } {
  const [one, other] = [0, 1].map((at) => cells.reference[at]! + cells.current[at]!) as [number, number];
  const test = Math.min(one, other) < 50 ? 'fisher-exact' : 'z-test';
  return { test, outcome: testCells(test, cells) };
}

function typeOf(sample: ColumnSample | undefined): 'number' | 'category' {
  return sample === undefined || sample.type === 'category' ? 'category' : 'number';
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
