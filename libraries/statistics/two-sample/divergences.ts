import { chiSquaredUpperTail } from '../chi-squared.ts';
import { normalUpperTail } from '../normal.ts';
import { type Cells, comparableCells, poolingLimits, requireCells, totalsOf } from './cells.ts';
import { gTest } from './homogeneity.ts';
import { chance, chiSquaredMethod, effectiveRows, type TestOutcome } from './outcome.ts';
import { absoluteCovariance, gammaTail } from './wasserstein.ts';

/**
 * Measures of how far the shares of two samples' cells are apart. Their null distributions: an f-divergence between samples of
 * one distribution, over its second derivative at 1 and times the effective rows, is chi-squared in the limit (Csiszár; Pardo,
 * "Statistical inference based on divergence measures", 2006). The p value is of the cells with small ones pooled; the statistic
 * of all of them.
 */
interface Divergence {
  readonly of: (shares: Shares) => number;
  /** Makes of the figure what is chi-squared in the limit, once multiplied by the effective rows. */
  readonly toChiSquared: (figure: number) => number;
  readonly name: string;
  readonly needsSmoothing?: boolean;
}

interface Shares {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** Population stability index: Σ (p − q) ln (p / q), both directions of Kullback and Leibler's divergence added. */
export function psi(cells: Cells): TestOutcome {
  return judge(cells, {
    name: 'population stability index',
    of: (shares) => sumOf(shares, (p, q) => (q - p) * Math.log(q / p)),
    toChiSquared: (figure) => figure,
    needsSmoothing: true,
  });
}

/**
 * Kullback–Leibler divergence of the reference from the current sample, in nats: Σ p ln (p / q), p of the reference. It leans on
 * the rarest cells of the current sample, so its p value is that of the G test, which weighs both samples.
 */
export function kullbackLeibler(cells: Cells): TestOutcome {
  const { pValue, method } = gTest(cells);
  const judged = judge(cells, {
    name: 'Kullback–Leibler divergence in nats',
    of: (shares) =>
      Math.max(
        0,
        sumOf(shares, (p, q) => p * Math.log(p / q)),
      ),
    toChiSquared: (figure) => 2 * figure,
    needsSmoothing: true,
  });
  return { ...judged, pValue, method: `G test: ${method}` };
}

/** Jensen–Shannon distance: the root of the divergence, from 0 to 1 in base 2, to √(ln 2) in base e. */
export function jensenShannon(cells: Cells, base: 2 | 'e' = 2): TestOutcome {
  const unit = base === 2 ? Math.LN2 : 1;
  return judge(cells, {
    name: `Jensen–Shannon distance, base ${base}`,
    of: (shares) => Math.sqrt(Math.max(0, sumOf(shares, mixed)) / unit),
    toChiSquared: (figure) => 8 * figure * figure * unit,
  });
}

/** Hellinger distance, from 0 to 1: √(½ Σ (√p − √q)²). */
export function hellinger(cells: Cells): TestOutcome {
  return judge(cells, {
    name: 'Hellinger distance',
    of: (shares) => Math.sqrt(sumOf(shares, (p, q) => (Math.sqrt(p) - Math.sqrt(q)) ** 2) / 2),
    toChiSquared: (figure) => 8 * figure * figure,
  });
}

/**
 * Total variation: the largest difference in the chance of any set of cells, ½ Σ |p − q|. Its null is that of a sum of absolute
 * normal values, taken as gamma with their exact mean and variance.
 */
export function totalVariation(cells: Cells): TestOutcome {
  const figure = (shares: Shares) => sumOf(shares, (p, q) => Math.abs(p - q)) / 2;
  return judgeBy(cells, 'total variation', figure, (x, pooled, rows) => {
    const deviations = pooled.map((share) => Math.sqrt((share * (1 - share)) / rows));
    if (pooled.length === 2) return chance(2 * normalUpperTail(x / deviations[0]!));
    let mean = 0;
    let variance = 0;
    for (const [i, one] of deviations.entries()) {
      mean += one / 2;
      variance += (one / 2) ** 2 * absoluteCovariance(1);
      for (let j = 0; j < i; j++) {
        const odds = (share: number) => share / (1 - share);
        const correlation = -Math.sqrt(odds(pooled[i]!) * odds(pooled[j]!));
        variance += 2 * (one / 2) * (deviations[j]! / 2) * absoluteCovariance(correlation);
      }
    }
    return gammaTail(x, mean * Math.sqrt(2 / Math.PI), variance);
  });
}

/** The largest difference of a cell's shares. Its null: as if cells were independent, which makes the p value a little large. */
export function lInfinity(cells: Cells): TestOutcome {
  const figure = ({ reference, current }: Shares) =>
    reference.reduce((most, share, at) => Math.max(most, Math.abs(share - current[at]!)), 0);
  return judgeBy(cells, 'largest difference of shares', figure, (x, pooled, rows) => {
    let none = 0;
    for (const share of pooled) {
      const tail = 2 * normalUpperTail(x / Math.sqrt((share * (1 - share)) / rows));
      none += Math.log1p(-Math.min(tail, 1 - Number.EPSILON));
      // Of two cells, the second says what the first does.
      if (pooled.length === 2) break;
    }
    return chance(-Math.expm1(none));
  });
}

function judge(cells: Cells, divergence: Divergence): TestOutcome {
  requireCells(cells);
  const pooled = comparableCells(cells);
  const n = totalsOf(cells);
  const isSmoothed = divergence.needsSmoothing === true && hasEmpty(cells);
  const statistic = divergence.of(sharesOf(cells, isSmoothed ? 0.5 : 0));
  const judged = divergence.of(
    sharesOf(pooled, divergence.needsSmoothing === true && hasEmpty(pooled) ? 0.5 : 0),
  );
  const degrees = pooled.reference.length - 1;
  return {
    method: chiSquaredMethod(degrees),
    statistic,
    pValue: chiSquaredUpperTail(effectiveRows(n) * divergence.toChiSquared(judged), degrees),
    effect: statistic,
    effectName: divergence.name,
    n,
    limits: [
      ...poolingLimits(pooled),
      ...(isSmoothed ? ['an empty cell: half a row was added to each, and the figure depends on that'] : []),
    ],
  };
}

function judgeBy(
  cells: Cells,
  name: string,
  figure: (shares: Shares) => number,
  tail: (x: number, pooledShares: readonly number[], rows: number) => number,
): TestOutcome {
  requireCells(cells);
  const pooled = comparableCells(cells);
  const n = totalsOf(cells);
  const shares = sharesOf(pooled, 0);
  const all = n.reference + n.current;
  const both = pooled.reference.map((count, at) => (count + pooled.current[at]!) / all);
  const statistic = figure(sharesOf(cells, 0));
  return {
    method: 'normal limit of the cells’ shares',
    statistic,
    pValue: tail(figure(shares), both, effectiveRows(n)),
    effect: statistic,
    effectName: name,
    n,
    limits: poolingLimits(pooled),
  };
}

/** What `p` and `q` tell of their mean, in nats: a cell's part of Jensen and Shannon's divergence. */
function mixed(p: number, q: number): number {
  const mean = (p + q) / 2;
  const told = (share: number) => (share === 0 ? 0 : (share / 2) * Math.log(share / mean));
  return told(p) + told(q);
}

function sumOf({ reference, current }: Shares, part: (p: number, q: number) => number): number {
  let sum = 0;
  for (const [at, p] of reference.entries()) if (p + current[at]! > 0) sum += part(p, current[at]!);
  return sum;
}

function sharesOf(cells: Cells, added: number): Shares {
  const n = totalsOf(cells);
  const extra = added * cells.reference.length;
  return {
    reference: cells.reference.map((count) => (count + added) / (n.reference + extra)),
    current: cells.current.map((count) => (count + added) / (n.current + extra)),
  };
}

function hasEmpty({ reference, current }: Cells): boolean {
  return reference.includes(0) || current.includes(0);
}
