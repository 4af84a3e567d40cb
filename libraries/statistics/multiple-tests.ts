import { StatisticsError } from './error.ts';

/**
 * p values of one family, adjusted in the same order so that each may be compared with alpha: the chance of any false
 * rejection among all is at most alpha, however they depend on each other (Holm, "A simple sequentially rejective multiple
 * test procedure", Scandinavian Journal of Statistics 6, 1979). Throws `StatisticsError` for what is no p value.
 */
export function holm(pValues: readonly number[]): readonly number[] {
  const order = fromSmallest(pValues);
  const adjusted = new Array<number>(pValues.length);
  let largest = 0;
  for (const [rank, at] of order.entries()) {
    largest = Math.max(largest, Math.min(1, pValues[at]! * (order.length - rank)));
    adjusted[at] = largest;
  }
  return adjusted;
}

/**
 * The same for the share of false ones among the rejections: it is at most alpha on average, where the tests are independent
 * or depend positively (Benjamini and Hochberg, "Controlling the false discovery rate", JRSS B 57, 1995). For screening many
 * metrics; where a single false one does harm, take `holm`.
 */
export function benjaminiHochberg(pValues: readonly number[]): readonly number[] {
  const order = fromSmallest(pValues);
  const adjusted = new Array<number>(pValues.length);
  let least = 1;
  for (let rank = order.length - 1; rank >= 0; rank--) {
    const at = order[rank]!;
    least = Math.min(least, pValues[at]! * (order.length / (rank + 1)));
    adjusted[at] = least;
  }
  return adjusted;
}

function fromSmallest(pValues: readonly number[]): readonly number[] {
  for (const [at, p] of pValues.entries()) {
    if (!(p >= 0 && p <= 1)) throw new StatisticsError(`p value ${at + 1} is ${p}, not from 0 to 1`);
  }
  return pValues.map((_, at) => at).sort((one, other) => pValues[one]! - pValues[other]! || one - other);
}
