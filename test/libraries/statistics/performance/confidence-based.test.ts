import { describe, expect, it } from 'vitest';
import { normalQuantile, seededRandom } from '../../../../libraries/statistics/index.ts';
import {
  atOnce,
  estimatedNames,
  estimatePerformance,
  measure,
} from '../../../../libraries/statistics/performance/index.ts';

const random = seededRandom(11);
const logistic = (odds: number) => 1 / (1 + Math.exp(-odds));

/** Rows whose log odds are normal; the model says `stretch` times the log odds, and `truth` says what they mean. */
function rowsOf(n: number, { shift = 0, stretch = 1.8, truth = logistic } = {}) {
  const probabilities: number[] = [];
  const labels: number[] = [];
  for (let row = 0; row < n; row++) {
    const odds = shift - 0.6 + 1.3 * normalQuantile((random.word() + 0.5) / 2 ** 32);
    labels.push(random.next() < truth(odds) ? 1 : 0);
    probabilities.push(logistic(stretch * odds));
  }
  return { probabilities, labels, predicted: probabilities.map(Math.round) };
}

const measured = ({ probabilities, labels, predicted }: ReturnType<typeof rowsOf>) => {
  const rows = { task: 'binary', labels, predicted, probabilities } as const;
  const { metrics } = atOnce(measure(rows, { seed: 1, replicates: 0 }));
  return new Map(metrics.map(({ metric, value }) => [metric, value!]));
};

describe('performance without labels', () => {
  it('holds what the labels show later, although inputs shift and probabilities are too extreme', () => {
    const trials = 60;
    const held = new Map<string, number>();
    for (let trial = 0; trial < trials; trial++) {
      const window = rowsOf(400, { shift: 0.7 });
      const estimate = atOnce(estimatePerformance(rowsOf(1000), window, { seed: trial, replicates: 200 }));
      expect(estimate.calibrated).toBe(true);
      const shown = measured(window);
      for (const { metric, low, high } of estimate.metrics) {
        if (shown.get(metric)! >= low! && shown.get(metric)! <= high!)
          held.set(metric, (held.get(metric) ?? 0) + 1);
      }
    }
    for (const name of estimatedNames) expect(held.get(name), name).toBeGreaterThanOrEqual(0.83 * trials);
  });

  it('does not see that the same inputs come to mean something else', () => {
    const reference = rowsOf(2000);
    const before = atOnce(estimatePerformance(reference, rowsOf(2000), { seed: 1, replicates: 50 }));
    const changed = rowsOf(2000, { truth: (odds) => logistic(-odds) });
    const after = atOnce(estimatePerformance(reference, changed, { seed: 1, replicates: 50 }));
    expect(measured(changed).get('auc')).toBeLessThan(0.3);
    expect(after.metrics.find(({ metric }) => metric === 'auc')?.value).toBeCloseTo(
      before.metrics.find(({ metric }) => metric === 'auc')!.value!,
      1,
    );
  });

  it('leaves probabilities alone where the classes do not overlap', () => {
    const reference = {
      probabilities: Array.from({ length: 100 }, (_, row) => row / 100),
      labels: Array.from({ length: 100 }, (_, row) => (row < 50 ? 0 : 1)),
    };
    const found = atOnce(
      estimatePerformance(reference, { probabilities: [0.4], predicted: [0] }, { seed: 1, replicates: 50 }),
    );
    expect(found).toMatchObject({ calibrated: false, calibrationError: null });
    expect(found.metrics[0]).toMatchObject({ metric: 'accuracy', value: 0.6 });
  });

  it('says which figures a window cannot have', () => {
    const found = atOnce(
      estimatePerformance(
        rowsOf(600),
        { probabilities: [0.3, 0.4], predicted: [0, 0] },
        { seed: 1, replicates: 50 },
      ),
    );
    expect(found.metrics.find(({ metric }) => metric === 'precision')).toEqual({
      metric: 'precision',
      value: null,
      low: null,
      high: null,
      standardError: null,
      reason: 'no row was predicted positive',
    });
  });

  it('says where its reference is small, or does not reach', () => {
    const reference = {
      probabilities: Array.from({ length: 100 }, (_, row) => 0.2 + (row % 10) / 50),
      labels: Array.from({ length: 100 }, (_, row) => (row % 3 === 0 ? 1 : 0)),
    };
    const window = { probabilities: [0.25, 0.9], predicted: [0, 1] };
    const { notes } = atOnce(estimatePerformance(reference, window, { seed: 1, replicates: 10 }));
    expect(notes[0]).toContain('fewer than 500 labelled rows');
    expect(notes[1]).toContain('50 % of the rows have a probability beyond those of the reference');
  });

  it('refuses in words what it cannot learn from', () => {
    const estimate = (labels: number[], probabilities: number[], predicted = [1]) =>
      atOnce(
        estimatePerformance({ probabilities: [0.1, 0.9], labels }, { probabilities, predicted }, { seed: 1 }),
      );
    expect(() => estimate([1, 1], [0.5])).toThrow('all rows of the reference are of one class');
    expect(() => estimate([0, 1], [1.5])).toThrow('the probability in row 1 is 1.5');
    expect(() => estimate([0, 1], [], [])).toThrow('there is no row');
    expect(() => estimate([0, 1], [0.5], [2])).toThrow('the prediction in row 1 is 2');
  });
});
