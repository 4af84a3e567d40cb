import { normalUpperTail } from '../normal.ts';
import { chance, type TestOutcome } from './outcome.ts';
import { pool, requireVariety, type SortedSamples, sizesOf } from './samples.ts';

/**
 * Mann–Whitney test, two-sided: is a value of one sample larger than one of the other more often than the reverse? Sees shifts,
 * not changes of spread (Mann and Whitney, Annals of Mathematical Statistics 18, 1947). Exact for small samples without ties, else
 * normal with a correction for ties and for continuity.
 */
export function mannWhitney(samples: SortedSamples): TestOutcome {
  const n = sizesOf(samples);
  const pooled = pool(samples);
  requireVariety(pooled);
  const pairs = n.reference * n.current;
  let wins = 0;
  let ties = 0;
  let before = { reference: 0, current: 0 };
  for (let at = 0; at < pooled.distinct; at++) {
    const now = { reference: pooled.reference[at]!, current: pooled.current[at]! };
    const here = now.reference - before.reference;
    const there = now.current - before.current;
    wins += here * (before.current + there / 2);
    ties += (here + there) ** 3 - (here + there);
    before = now;
  }
  const isExact = ties === 0 && pairs <= 400;
  const total = n.reference + n.current;
  const spread = Math.sqrt((pairs / 12) * (total + 1 - ties / (total * (total - 1))));
  const away = Math.abs(wins - pairs / 2);
  return {
    method: isExact ? 'exact' : 'normal approximation, corrected for ties and continuity',
    statistic: wins,
    pValue: isExact
      ? exactTail(n.reference, n.current, pairs / 2 + away)
      : chance(2 * normalUpperTail(Math.max(0, away - 0.5) / spread)),
    effect: (2 * away) / pairs,
    effectName: 'rank-biserial correlation',
    n,
    limits: ['sees shifts, not changes of spread or shape'],
  };
}

/** Twice the chance of a U of at least `least`, from the number of orders with each U (a product of Gaussian binomials). */
function exactTail(rows: number, others: number, least: number): number {
  let orders = new Float64Array(rows * others + 1);
  orders[0] = 1;
  for (let step = 1; step <= rows; step++) {
    const grown = new Float64Array(orders.length);
    // Times (1 − q^(others + step)) / (1 − q^step).
    for (let u = 0; u < orders.length; u++) {
      grown[u] = orders[u]! - (u >= others + step ? orders[u - others - step]! : 0);
    }
    for (let u = step; u < grown.length; u++) grown[u]! += grown[u - step]!;
    orders = grown;
  }
  let all = 0;
  let beyond = 0;
  for (const [u, count] of orders.entries()) {
    all += count;
    if (u >= least) beyond += count;
  }
  return chance((2 * beyond) / all);
}
