import { exactPairs, totalsOf } from '../two-sample/index.ts';
import type { CategorySample, HistogramSample } from './column.ts';
import { canTestHistograms, histogramNumbers } from './histogram.ts';
import type { Both, Numbers } from './numbers.ts';
import { rowsOfNumbers } from './rows-of-numbers.ts';

/** Rows that are made of counts where a test asks for rows: as many as may be held in memory. */
const mostRows = 1_000_000;

/** Each distinct value, rising, and how often it stands in both samples. */
interface Counted extends Both<readonly number[]> {
  readonly values: readonly number[];
}

/**
 * Numbers of which it is known how often each value stands there: as exact as the rows, and most tests cost as much as there are
 * values. Undefined where a sample has more values than its profile counts.
 */
export function countedNumbers(reference: HistogramSample, current: HistogramSample): Numbers | undefined {
  const counted = countedOf(reference, current);
  if (counted === undefined) return undefined;
  const n = totalsOf(counted);
  const constant = constantOf(counted);
  // A cell a value: a distribution function is known wherever it steps.
  const edges = counted.values.slice(1);
  const stepped = histogramNumbers(
    { ...reference, edges, counts: counted.reference },
    { ...current, edges, counts: counted.current },
    'first',
  );
  const isLarge = Math.max(n.reference, n.current) > mostRows;
  return {
    referenceRows: n.reference,
    distinct: counted.values.length,
    ...(constant === undefined ? {} : { constant }),
    categories: () => ({
      reference: categoriesOf(counted.values, counted.reference),
      current: categoriesOf(counted.values, counted.current),
    }),
    whyNot: (test) =>
      isLarge && !canTestHistograms(test)
        ? `it needs the rows, and ${mostRows} of a sample at most`
        : undefined,
    judge(test) {
      const isExact = test === 'kolmogorov-smirnov' && n.reference * n.current <= exactPairs;
      if (canTestHistograms(test) && !isExact) return stepped.judge(test);
      return rowsOfNumbers({
        reference: rowsAmong(counted.values, counted.reference),
        current: rowsAmong(counted.values, counted.current),
      }).judge(test);
    },
  };
}

function countedOf(reference: HistogramSample, current: HistogramSample): Counted | undefined {
  if (reference.distinct === undefined || current.distinct === undefined) return undefined;
  const [one, other] = [new Map(reference.distinct), new Map(current.distinct)];
  const values = [...new Set([...one.keys(), ...other.keys()])].sort((first, second) => first - second);
  return {
    values,
    reference: values.map((value) => one.get(value) ?? 0),
    current: values.map((value) => other.get(value) ?? 0),
  };
}

function constantOf({ values, reference, current }: Counted): Numbers['constant'] {
  const n = totalsOf({ reference, current });
  const at = reference.indexOf(n.reference);
  if (at < 0) return undefined;
  const cells = { reference: [n.reference, 0], current: [current[at]!, n.current - current[at]!] };
  return { value: values[at]!, cells };
}

function categoriesOf(values: readonly number[], counts: readonly number[]): CategorySample {
  const found = new Map<string, number>();
  for (const [at, value] of values.entries()) if (counts[at]! > 0) found.set(String(value), counts[at]!);
  const rows = counts.reduce((sum, count) => sum + count, 0);
  return { type: 'category', rows, missing: 0, counts: found };
}

function rowsAmong(values: readonly number[], counts: readonly number[]): Float64Array {
  const rows = new Float64Array(counts.reduce((sum, count) => sum + count, 0));
  let filled = 0;
  for (const [at, value] of values.entries()) {
    rows.fill(value, filled, filled + counts[at]!);
    filled += counts[at]!;
  }
  return rows;
}
