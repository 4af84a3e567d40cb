import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  accuracy,
  auc,
  aucStatistic,
  brier,
  f1,
  logLoss,
  mae,
  precision,
  recall,
  rmse,
} from '../../../libraries/statistics/index.ts';

describe('the area under the ROC curve', () => {
  it("is that of scikit-learn's documentation", () => {
    expect(auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])).toBe(0.75);
  });

  it('of Hanley and McNeil 1982, table 1 (CT images, 109 patients): 0.893', () => {
    // Readings from "definitely normal" to "definitely abnormal": patients without and with the disease.
    const normal = [33, 6, 6, 11, 2];
    const abnormal = [3, 2, 2, 11, 33];
    const scores: number[] = [];
    const labels: number[] = [];
    for (const [label, counts] of [normal, abnormal].entries()) {
      for (const [score, count] of counts.entries()) {
        for (let one = 0; one < count; one++) {
          scores.push(score);
          labels.push(label);
        }
      }
    }
    expect(auc(scores, labels)).toBeCloseTo(0.893, 3);
  });

  it('counts equal scores half, and is what counting all pairs gives', () => {
    expect(auc([1, 1, 1], [0, 1, 0])).toBe(0.5);
    const rows = fc.array(fc.record({ score: fc.integer({ min: 0, max: 9 }), label: fc.nat(1) }), {
      minLength: 2,
      maxLength: 40,
    });
    fc.assert(
      fc.property(rows, (some) => {
        const positives = some.filter(({ label }) => label === 1);
        const negatives = some.filter(({ label }) => label === 0);
        fc.pre(positives.length > 0 && negatives.length > 0);
        let wins = 0;
        for (const { score } of positives)
          for (const other of negatives) wins += score > other.score ? 1 : score === other.score ? 0.5 : 0;
        const found = auc(
          some.map(({ score }) => score),
          some.map(({ label }) => label),
        );
        expect(found).toBeCloseTo(wins / (positives.length * negatives.length), 12);
      }),
    );
  });

  it('counts a row as often as its weight says', () => {
    const weighted = aucStatistic([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])([2, 1, 0, 3]);
    expect(weighted).toBe(auc([0.1, 0.1, 0.4, 0.8, 0.8, 0.8], [0, 0, 0, 1, 1, 1]));
    expect(aucStatistic([0.1, 0.4], [0, 1])([1, 0])).toBeUndefined();
  });

  it('is refused in words where it has no meaning', () => {
    expect(() => auc([1, 2], [1, 1])).toThrow('all rows are of one class');
    expect(() => auc([1, Number.NaN], [0, 1])).toThrow('the score in row 2 is NaN');
    expect(() => auc([1, 2], [0, 2])).toThrow('the label in row 2 is 2, neither 0 nor 1');
    expect(() => auc([1, 2, 3], [0, 1])).toThrow('there are 3 scores and 2 labels');
    expect(() => auc([], [])).toThrow('there is no row');
  });
});

describe('figures of labels', () => {
  // scikit-learn's example of a confusion matrix: tn, fp, fn, tp = 0, 2, 1, 1.
  const truth = [0, 1, 0, 1];
  const predicted = [1, 1, 1, 0];

  it('follow from the confusion matrix', () => {
    expect(accuracy(predicted, truth)).toBe(0.25);
    expect(precision(predicted, truth)).toBeCloseTo(1 / 3, 12);
    expect(recall(predicted, truth)).toBe(0.5);
    expect(f1(predicted, truth)).toBeCloseTo(0.4, 12);
    expect(accuracy([0, 2, 1, 3], [0, 1, 2, 3])).toBe(0.5);
  });

  it('are refused in words where they have no meaning', () => {
    expect(() => precision([0, 0], [0, 1])).toThrow('no row was predicted positive');
    expect(() => recall([0, 1], [0, 0])).toThrow('no row is positive');
    expect(() => f1([0, 0], [0, 0])).toThrow('there is no F1');
    expect(() => recall([0, 3], [0, 1])).toThrow('the prediction in row 2 is 3');
  });
});

describe('figures of probabilities', () => {
  it("are those of scikit-learn's documentation", () => {
    expect(logLoss([0.9, 0.1, 0.2, 0.65], [1, 0, 0, 1])).toBeCloseTo(0.21616, 5);
    expect(brier([0.1, 0.9, 0.8, 0.3], [0, 1, 1, 0])).toBeCloseTo(0.0375, 12);
  });

  it('stay finite for a certain error, and refuse what is no probability', () => {
    expect(logLoss([0], [1])).toBeCloseTo(36.04, 2);
    expect(() => brier([1.2], [1])).toThrow('the probability in row 1 is 1.2');
    expect(() => logLoss([Number.NaN], [1])).toThrow('not between 0 and 1');
  });
});

describe('figures of numbers', () => {
  it("are those of scikit-learn's documentation", () => {
    expect(mae([2.5, 0, 2, 8], [3, -0.5, 2, 7])).toBe(0.5);
    expect(rmse([2.5, 0, 2, 8], [3, -0.5, 2, 7])).toBeCloseTo(0.612, 3);
  });

  it('refuse what is no number', () => {
    expect(() => mae([Number.POSITIVE_INFINITY], [1])).toThrow('the prediction in row 1 is Infinity');
    expect(() => rmse([1], [])).toThrow('there are 1 predictions and 0 true values');
  });
});
