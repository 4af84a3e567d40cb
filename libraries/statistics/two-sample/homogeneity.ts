import { chiSquaredUpperTail } from '../chi-squared.ts';
import { type Cells, comparableCells, poolingLimits, totalsOf } from './cells.ts';
import { chiSquaredMethod, type TestOutcome } from './outcome.ts';

/**
 * Pearson's chi-squared test that two samples fill their cells alike. What is expected is the pooled share, scaled to the rows
 * of each sample: a reference that is itself a sample does not count as the truth. Small cells are pooled.
 */
export function chiSquare(cells: Cells): TestOutcome {
  return compare(cells, (observed, expected) => (observed - expected) ** 2 / expected);
}

/** The G test of the same: a likelihood ratio (Wilks 1938), twice the rows' information gained by knowing the sample. */
export function gTest(cells: Cells): TestOutcome {
  return compare(cells, (observed, expected) =>
    observed === 0 ? 0 : 2 * observed * Math.log(observed / expected),
  );
}

function compare(cells: Cells, part: (observed: number, expected: number) => number): TestOutcome {
  const pooled = comparableCells(cells);
  const n = totalsOf(pooled);
  const total = n.reference + n.current;
  let statistic = 0;
  for (const [at, one] of pooled.reference.entries()) {
    const share = (one + pooled.current[at]!) / total;
    statistic += part(one, share * n.reference) + part(pooled.current[at]!, share * n.current);
  }
  statistic = Math.max(0, statistic);
  const degrees = pooled.reference.length - 1;
  return {
    method: chiSquaredMethod(degrees),
    statistic,
    pValue: chiSquaredUpperTail(statistic, degrees),
    effect: Math.sqrt(statistic / total),
    effectName: 'Cramér’s V',
    n,
    limits: poolingLimits(pooled),
  };
}
