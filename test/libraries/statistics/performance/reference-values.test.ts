import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bootstrap, maeStatistic } from '../../../../libraries/statistics/index.ts';
import {
  atOnce,
  estimatePerformance,
  type Measured,
  measure,
  type PredictedRows,
} from '../../../../libraries/statistics/performance/index.ts';
import { isotonicFitter } from '../../../../libraries/statistics/performance/isotonic.ts';

type Column = readonly number[];
type Figures = Readonly<Record<string, number>>;

/** What `reference-values.py` printed. */
const reference = JSON.parse(readFileSync(new URL('reference-values.json', import.meta.url), 'utf8')) as {
  readonly binary: Readonly<
    Record<
      string,
      {
        readonly probabilities: Column;
        readonly labels: Column;
        readonly expected: Figures;
        readonly reliability: Readonly<Record<'positive' | 'meanProbability' | 'n', Column>>;
      }
    >
  >;
  readonly multiclass: Readonly<
    Record<string, { readonly labels: Column; readonly predicted: Column; readonly expected: Figures }>
  >;
  readonly regression: Readonly<
    Record<string, { readonly labels: Column; readonly predicted: Column; readonly expected: Figures }>
  >;
  readonly interval: {
    readonly labels: Column;
    readonly predicted: Column;
    readonly mae: Readonly<Record<'bca' | 'percentile', readonly [number, number]>>;
  };
  readonly estimate: Readonly<
    Record<
      string,
      {
        readonly reference: { readonly probabilities: Column; readonly labels: Column };
        readonly window: { readonly probabilities: Column };
        readonly calibrated: boolean;
        readonly isotonic: { readonly scores: Column; readonly calibrated: Column };
        readonly expected: Readonly<
          Record<string, { readonly value: number; readonly samplingError: number }>
        >;
      }
    >
  >;
};

const measured = (rows: PredictedRows): Measured => atOnce(measure(rows, { seed: 1, replicates: 0 }));
const atHalf = (probabilities: Column): Column => probabilities.map((one) => (one >= 0.5 ? 1 : 0));

function expectAll(found: Measured, expected: Figures): void {
  expect(found.metrics.map(({ metric }) => metric)).toEqual(Object.keys(expected));
  for (const { metric, value } of found.metrics) {
    if (value === null) expect.unreachable(`${metric} has no value`);
    else expect(value, metric).toBeCloseTo(expected[metric] ?? Number.NaN, 6);
  }
}

describe('figures of predictions', () => {
  it.each(Object.entries(reference.binary))('of %s probabilities are those of scikit-learn', (_, rows) => {
    const { probabilities, labels, expected, reliability } = rows;
    const found = measured({ task: 'binary', labels, probabilities, predicted: atHalf(probabilities) });
    expectAll(found, expected);
    expect(found.reliability?.map(({ n }) => n)).toEqual(reliability.n);
    for (const [at, bin] of found.reliability!.entries()) {
      expect(bin.positive).toBeCloseTo(reliability.positive[at]!, 9);
      expect(bin.meanProbability).toBeCloseTo(reliability.meanProbability[at]!, 9);
    }
  });

  it('of several classes are those of scikit-learn, also of classes never predicted and never true', () => {
    const { labels, predicted, expected } = reference.multiclass.five!;
    expectAll(measured({ task: 'multiclass', labels, predicted }), expected);
  });

  it('of numbers are those of scikit-learn', () => {
    const { labels, predicted, expected } = reference.regression.numbers!;
    expectAll(measured({ task: 'regression', labels, predicted }), expected);
  });
});

describe('a bootstrap interval', () => {
  it.each(['bca', 'percentile'] as const)('by %s is that of SciPy', (method) => {
    const { labels, predicted, mae } = reference.interval;
    const found = bootstrap(labels.length, maeStatistic(predicted, labels), {
      seed: 1,
      replicates: 40_000,
      method,
    });
    expect(found.low).toBeCloseTo(mae[method][0], 1.7);
    expect(found.high).toBeCloseTo(mae[method][1], 1.7);
  });
});

describe('an estimate without labels', () => {
  it.each(Object.entries(reference.estimate))('of %s probabilities is that of NannyML', (_, made) => {
    const { probabilities } = made.window;
    const found = atOnce(
      estimatePerformance(
        made.reference,
        { probabilities, predicted: atHalf(probabilities) },
        { seed: 1, replicates: 300 },
      ),
    );
    expect(found.calibrated).toBe(made.calibrated);
    for (const { metric, value, standardError } of found.metrics) {
      const expected = made.expected[metric]!;
      // NannyML orders equal scores by chance, and counts no tie.
      expect(Math.abs((value ?? 0) - expected.value), metric).toBeLessThan(metric === 'auc' ? 2e-3 : 1e-6);
      // Ours holds the calibration too, and takes the rows as they are.
      const ratio = (standardError ?? 0) / expected.samplingError;
      expect(ratio, metric).toBeGreaterThan(0.4);
      expect(ratio, metric).toBeLessThan(2);
    }
  });

  it.each(Object.entries(reference.estimate))('calibrates %s probabilities as scikit-learn', (_, made) => {
    const { scores, calibrated } = made.isotonic;
    const found = isotonicFitter(made.reference.probabilities, made.reference.labels)().calibrate(scores);
    for (const [at, value] of calibrated.entries()) expect(found[at]).toBeCloseTo(value, 6);
  });
});
