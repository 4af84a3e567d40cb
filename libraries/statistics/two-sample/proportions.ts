import { StatisticsError } from '../error.ts';
import { normalUpperTail } from '../normal.ts';
import { logGamma } from '../stirling.ts';
import { type Cells, requireCells, totalsOf } from './cells.ts';
import { chance, type TestOutcome } from './outcome.ts';

/** z test of two proportions with their pooled variance, two-sided. The first cell is the one that is counted. */
export function proportionsZ(cells: Cells): TestOutcome {
  const { n, counted } = twoCells(cells);
  const pooled = (counted.reference + counted.current) / (n.reference + n.current);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / n.reference + 1 / n.current));
  const statistic = (counted.current / n.current - counted.reference / n.reference) / error;
  const isSmall = Math.min(pooled, 1 - pooled) * Math.min(n.reference, n.current) < 5;
  return {
    method: 'normal limit with the pooled variance',
    statistic,
    pValue: chance(2 * normalUpperTail(Math.abs(statistic))),
    ...cohensH(cells),
    n,
    limits: isSmall ? ['few rows in a cell: fisher-exact is exact there'] : [],
  };
}

/**
 * Fisher's exact test of two proportions, two-sided: the chance of all tables with these margins that are no likelier than this
 * one. The statistic is the odds ratio; with half a row added to each cell where one is empty.
 */
export function fisherExact(cells: Cells): TestOutcome {
  const { n, counted } = twoCells(cells);
  const margin = counted.reference + counted.current;
  const least = Math.max(0, margin - n.current);
  const most = Math.min(margin, n.reference);
  const logChance = (count: number) => logChoose(n.reference, count) + logChoose(n.current, margin - count);
  const whole = logChoose(n.reference + n.current, margin);
  const limit = logChance(counted.reference) + 1e-7;
  let pValue = 0;
  for (let count = least; count <= most; count++) {
    const log = logChance(count);
    if (log <= limit) pValue += Math.exp(log - whole);
  }
  const table = [
    counted.current,
    n.current - counted.current,
    counted.reference,
    n.reference - counted.reference,
  ];
  const half = table.includes(0) ? 0.5 : 0;
  const [a, b, c, d] = table.map((count) => count + half) as [number, number, number, number];
  return {
    method: 'exact',
    statistic: (a * d) / (b * c),
    pValue: chance(pValue),
    ...cohensH(cells),
    n,
    limits: [
      'takes both margins as given, and so rejects less often than it might',
      ...(half > 0 ? ['an empty cell: half a row was added to each for the odds ratio'] : []),
    ],
  };
}

function cohensH(cells: Cells): Pick<TestOutcome, 'effect' | 'effectName'> {
  const n = totalsOf(cells);
  const angle = (count: number, rows: number) => 2 * Math.asin(Math.sqrt(count / rows));
  const effect = Math.abs(angle(cells.current[0]!, n.current) - angle(cells.reference[0]!, n.reference));
  return { effect, effectName: 'Cohen’s h' };
}

function twoCells(cells: Cells): {
  n: { reference: number; current: number };
  counted: { reference: number; current: number };
} {
  requireCells(cells);
  if (cells.reference.length !== 2)
    throw new StatisticsError(`there are ${cells.reference.length} values, not two: proportions compare two`);
  const n = totalsOf(cells);
  const counted = { reference: cells.reference[0]!, current: cells.current[0]! };
  const all = counted.reference + counted.current;
  if (all === 0 || all === n.reference + n.current)
    throw new StatisticsError('all rows of both samples are in one cell');
  return { n, counted };
}

function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
