import { requireBinary, requireFinite, requireRows } from './error.ts';
import { ofAll, type Statistic } from './statistic.ts';

/**
 * Average precision: the precision at each score, weighted by the recall that this score adds (the area under the steps of
 * the precision–recall curve, not interpolated, as scikit-learn defines it). Its floor is the share of positive rows, not a
 * half. Throws `StatisticsError` where no row is positive.
 */
export function averagePrecision(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const statistic = averagePrecisionStatistic(scores, labels);
  return ofAll(scores.length, statistic, 'no row is positive: there is no average precision');
}

/** The same for bootstrap samples: sorts once, and then takes one pass a sample. */
export function averagePrecisionStatistic(scores: ArrayLike<number>, labels: ArrayLike<number>): Statistic {
  const rows = requireRows({ scores, labels });
  requireFinite('the score', scores);
  requireBinary('the label', labels);
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (one, other) => scores[other]! - scores[one]! || one - other,
  );
  /** 1 where the next row in order has another score. */
  const endsTie = Uint8Array.from(order, (row, at) =>
    at + 1 === rows || scores[order[at + 1]!] !== scores[row] ? 1 : 0,
  );
  return (weights) => {
    let seen = 0;
    let positives = 0;
    let tiedPositives = 0;
    let sum = 0;
    for (let at = 0; at < rows; at++) {
      const row = order[at]!;
      const weight = weights[row]!;
      seen += weight;
      if (labels[row] === 1) tiedPositives += weight;
      if (endsTie[at] === 0 || tiedPositives === 0) continue;
      positives += tiedPositives;
      sum += tiedPositives * (positives / seen);
      tiedPositives = 0;
    }
    return positives === 0 ? undefined : sum / positives;
  };
}
