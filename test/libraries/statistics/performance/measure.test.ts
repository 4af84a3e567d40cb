import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../../../libraries/statistics/index.ts';
import {
  atOnce,
  type Measured,
  type MeasuredMetric,
  type MetricName,
  measure,
  measureSlices,
  type PredictedRows,
} from '../../../../libraries/statistics/performance/index.ts';

const measured = (rows: PredictedRows, metrics?: readonly MetricName[]): Measured =>
  atOnce(measure(rows, { seed: 1, replicates: 200, ...(metrics && { metrics }) }));
const one = (found: Measured, name: MetricName): MeasuredMetric | undefined =>
  found.metrics.find(({ metric }) => metric === name);

const none = { value: null, low: null, high: null, interval: null };

/** Rows whose probabilities are right. */
function rowsOf(n: number, seed = 5) {
  const random = seededRandom(seed);
  const probabilities = Float64Array.from({ length: n }, () => random.next());
  const labels = probabilities.map((one) => (random.next() < one ? 1 : 0));
  return { task: 'binary', labels, probabilities, predicted: probabilities.map(Math.round) } as const;
}

describe('measured figures', () => {
  it('come with an interval that holds them, by BCa where it is defined', () => {
    for (const { value, low, high, interval } of measured(rowsOf(200)).metrics) {
      expect(interval).toBe('bca');
      expect(low).toBeLessThan(value!);
      expect(high).toBeGreaterThan(value!);
    }
  });

  it('are the same for the same seed, and for a figure whether it is measured alone or with others', () => {
    const rows = rowsOf(100);
    expect(measured(rows)).toEqual(measured(rows));
    expect(measured(rows, ['brier']).metrics).toEqual([one(measured(rows), 'brier')]);
  });

  it('hold the truth about as often as they say', () => {
    let held = 0;
    for (let seed = 0; seed < 100; seed++) {
      const found = atOnce(measure(rowsOf(150, seed), { seed, replicates: 200, metrics: ['brier'] }));
      const { low, high } = found.metrics[0]!;
      // Of probabilities that are right and even: the mean of p (1 - p).
      if (low! <= 1 / 6 && high! >= 1 / 6) held++;
    }
    expect(held).toBeGreaterThanOrEqual(88);
  });

  it('say that there is no row', () => {
    const found = measured({ task: 'binary', labels: [], predicted: [], probabilities: [] });
    expect(found).toMatchObject({ n: 0, notes: [] });
    expect(found.metrics).toHaveLength(11);
    for (const metric of found.metrics) expect(metric).toMatchObject({ ...none, reason: 'there is no row' });
  });

  it('say which ones rows of one class do not have, and give the others', () => {
    const found = measured({
      task: 'binary',
      labels: [0, 0, 0],
      predicted: [0, 0, 1],
      probabilities: [0.1, 0.2, 0.9],
    });
    expect(one(found, 'auc')).toMatchObject({ ...none, reason: 'all rows are of one class' });
    expect(one(found, 'recall')).toMatchObject({ ...none, reason: 'no row is positive' });
    expect(one(found, 'average-precision')).toMatchObject({ ...none, reason: 'no row is positive' });
    expect(one(found, 'calibration-intercept')).toMatchObject({
      ...none,
      reason: 'all rows are of one class',
    });
    expect(one(found, 'precision')).toMatchObject({ value: 0 });
    expect(one(found, 'accuracy')?.value).toBeCloseTo(2 / 3, 12);
    expect(one(found, 'brier')?.interval).not.toBeNull();
  });

  it('say what nobody predicted', () => {
    const found = measured({ task: 'binary', labels: [0, 0], predicted: [0, 0] });
    expect(one(found, 'precision')).toMatchObject({ reason: 'no row was predicted positive' });
    expect(one(found, 'f1')).toMatchObject({ reason: 'no row is positive and none was predicted so' });
    expect(one(found, 'brier')).toMatchObject({
      reason: 'there are no probabilities, only predicted labels',
    });
    expect(found.reliability).toBeUndefined();
  });

  it('give no interval where samples of the rows cannot differ', () => {
    const found = measured({ task: 'binary', labels: [0, 1, 0, 1], predicted: [0, 1, 0, 1] });
    expect(one(found, 'accuracy')).toMatchObject({ value: 1, low: null, high: null, interval: null });
    expect(one(found, 'accuracy')?.reason).toContain('every sample of these rows has the same figure');
  });

  it('have no slope of calibration where probabilities tell the classes apart without an error', () => {
    const labels = [0, 0, 0, 1, 1, 1];
    const found = measured({
      task: 'binary',
      labels,
      predicted: labels,
      probabilities: [0.1, 0.2, 0.3, 0.7, 0.8, 1],
    });
    expect(one(found, 'calibration-slope')).toMatchObject(none);
    expect(one(found, 'calibration-slope')?.reason).toContain('tell the classes apart without an error');
  });

  it('have no MAPE where a true value is 0, and no R² where truth does not vary', () => {
    const zero = measured({ task: 'regression', labels: [0, 2, 4], predicted: [1, 2, 3] });
    expect(one(zero, 'mape')).toMatchObject({ ...none, reason: expect.stringContaining('is 0 in 1 row') });
    expect(one(zero, 'mae')?.value).toBeCloseTo(2 / 3, 12);
    const constant = measured({ task: 'regression', labels: [3, 3, 3], predicted: [1, 2, 3] });
    expect(one(constant, 'r2')).toMatchObject({ ...none, reason: 'the true values do not vary' });
  });

  it('never hold what JSON cannot express', () => {
    const cases: PredictedRows[] = [
      { task: 'binary', labels: [1], predicted: [1], probabilities: [1] },
      { task: 'binary', labels: [1, 0], predicted: [0, 1], probabilities: [0, 1] },
      { task: 'multiclass', labels: [2], predicted: [0] },
      { task: 'regression', labels: [1e-300, 1e300], predicted: [1e300, 1] },
      { task: 'regression', labels: [1], predicted: [1] },
    ];
    for (const rows of cases) {
      for (const { metric, value, low, high, reason } of measured(rows).metrics) {
        for (const figure of [value, low, high])
          expect(figure === null || Number.isFinite(figure), metric).toBe(true);
        if (value === null || low === null) expect(reason, metric).toBeTruthy();
      }
    }
  });

  it('warn of few rows', () => {
    expect(measured(rowsOf(29)).notes[0]).toContain('fewer than 30 rows');
    expect(measured(rowsOf(30)).notes).toEqual([]);
  });
});

describe('figures by slice', () => {
  it('are those of the rows of each slice', () => {
    const rows = rowsOf(120);
    const places = new Map([
      ['even', Array.from({ length: 60 }, (_, at) => 2 * at)],
      ['none', []],
    ]);
    const found = atOnce(measureSlices(rows, places, { seed: 1, replicates: 50 }));
    const even = (column: ArrayLike<number>) => Array.from(column).filter((_, at) => at % 2 === 0);
    expect(found.slices.get('even')).toEqual(
      atOnce(
        measure(
          {
            task: 'binary',
            labels: even(rows.labels),
            predicted: even(rows.predicted),
            probabilities: even(rows.probabilities),
          },
          { seed: 1, replicates: 50 },
        ),
      ),
    );
    expect(found.overall.n).toBe(120);
    expect(found.slices.get('none')).toMatchObject({ n: 0 });
  });
});
