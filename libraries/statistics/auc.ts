import { requireBinary, requireFinite, requireRows } from './error.ts';
import { ofAll, type Statistic } from './statistic.ts';

/**
 * Area under the ROC curve: how often the positive one of a random pair of a positive and a negative row has the higher
 * score; equal scores count half. It is the Mann–Whitney U statistic divided by the number of pairs (Hanley and McNeil,
 * "The meaning and use of the area under a ROC curve", Radiology 143, 1982). Throws `StatisticsError` where all rows
 * are of one class.
 */
export function auc(scores: ArrayLike<number>, labels: ArrayLike<number>): number {
  const statistic = aucStatistic(scores, labels);
  return ofAll(scores.length, statistic, 'all rows are of one class: there is no pair to compare');
}

/** The same for bootstrap samples: sorts once, and then takes one pass a sample. */
export function aucStatistic(scores: ArrayLike<number>, labels: ArrayLike<number>): Statistic {
  const rows = requireRows({ scores, labels });
  requireFinite('the score', scores);
  requireBinary('the label', labels);
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (one, other) => scores[one]! - scores[other]! || one - other,
  );
  /** 1 where a row has the same score as the one before it in order. */
  const isTied = Uint8Array.from(order, (row, at) =>
    at > 0 && scores[order[at - 1]!] === scores[row] ? 1 : 0,
  );
  return (weights) => {
    let negatives = 0;
    let positives = 0;
    let wins = 0;
    let tiedNegatives = 0;
    let tiedPositives = 0;
    const endTie = (): void => {
      wins += tiedPositives * (negatives + tiedNegatives / 2);
      negatives += tiedNegatives;
      positives += tiedPositives;
      tiedNegatives = 0;
      tiedPositives = 0;
    };
    for (let at = 0; at < rows; at++) {
      if (isTied[at] === 0) endTie();
      const row = order[at]!;
      if (labels[row] === 1) tiedPositives += weights[row]!;
      else tiedNegatives += weights[row]!;
    }
    endTie();
    return positives === 0 || negatives === 0 ? undefined : wins / (positives * negatives);
  };
}
