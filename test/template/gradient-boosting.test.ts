import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode, fitEncoding, rare } from '../../registry-repo-template/training/encoding.ts';
import { auc, aucEstimate, aucGain } from '../../registry-repo-template/training/evaluation.ts';
import { type Feature, predict, train } from '../../registry-repo-template/training/gradient-boosting.ts';

const parameters = { trees: 50, depth: 2, learningRate: 0.3, rowsPerLeaf: 1, l2: 1, thresholds: 63 };

function column(comparison: Feature['comparison'], values: readonly number[]): Feature {
  return { comparison, values: Float32Array.from(values) };
}

describe('gradient boosting', () => {
  it('learns an exclusive or, which no single split can', () => {
    const rows = Array.from({ length: 200 }, (_, index) => [index % 2, Math.floor(index / 2) % 2] as const);
    // A little noise, for without it the first split gains nothing and is not made.
    const target = Uint8Array.from(rows, ([a, b], index) => (index === 0 ? 1 : a ^ b));
    const features = [
      column(
        'at most',
        rows.map(([a]) => a),
      ),
      column(
        'at most',
        rows.map(([, b]) => b),
      ),
    ];
    const ensemble = train(features, target, parameters);
    expect(predict(ensemble, [1, 0])).toBeGreaterThan(0.95);
    expect(predict(ensemble, [1, 1])).toBeLessThan(0.05);
  });

  it('tells one category from all others, wherever its code lies', () => {
    const codes = Array.from({ length: 300 }, (_, index) => index % 5);
    const target = Uint8Array.from(codes, (code) => Number(code === 2));
    const ensemble = train([column('equal', codes)], target, { ...parameters, depth: 1 });
    const answers = [0, 1, 2, 3, 4, 99].map((code) => predict(ensemble, [code]) > 0.5);
    expect(answers).toEqual([false, false, true, false, false, false]);
  });

  it('puts no threshold where values do not differ, and refuses a target of one value', () => {
    const flat = train([column('at most', [3, 3, 3, 3])], Uint8Array.from([0, 1, 0, 1]), parameters);
    expect(predict(flat, [3])).toBeCloseTo(0.5, 12);
    expect(() => train([column('at most', [1, 2])], Uint8Array.from([1, 1]), parameters)).toThrow(
      'the target has one value only',
    );
  });

  it('gives thresholds and leaf values that 32-bit floats hold exactly', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.float({ noNaN: true, min: -1e6, max: 1e6 }), fc.boolean()), { minLength: 4 }),
        (rows) => {
          fc.pre(new Set(rows.map(([, isPositive]) => isPositive)).size === 2);
          const ensemble = train(
            [
              column(
                'at most',
                rows.map(([value]) => value),
              ),
            ],
            Uint8Array.from(rows, ([, isPositive]) => Number(isPositive)),
            { ...parameters, trees: 3 },
          );
          const numbers: number[] = [ensemble.base];
          const collect = (node: (typeof ensemble.trees)[number]) => {
            if ('children' in node) {
              numbers.push(node.threshold);
              node.children.forEach(collect);
            } else numbers.push(node.value);
          };
          ensemble.trees.forEach(collect);
          expect(numbers).toEqual(numbers.map(Math.fround));
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('the encoding of a category', () => {
  it('numbers the commonest levels and counts the rest as rare', () => {
    const encoding = fitEncoding(['b', 'a', 'b', 'c', 'a', 'b', 'd'], 2);
    expect(['b', 'a', 'c', 'd', 'never seen', ''].map((level) => encode(encoding, level))).toEqual([
      1,
      2,
      rare,
      rare,
      rare,
      rare,
    ]);
  });
});

describe('the area under the curve', () => {
  it('is the share of pairs in the right order, ties counting half', () => {
    const scored = fc.array(fc.tuple(fc.nat(5), fc.boolean()), { minLength: 2, maxLength: 40 });
    fc.assert(
      fc.property(scored, (rows) => {
        const positives = rows.filter(([, isPositive]) => isPositive);
        const negatives = rows.filter(([, isPositive]) => !isPositive);
        fc.pre(positives.length > 0 && negatives.length > 0);
        let wins = 0;
        for (const [high] of positives) {
          for (const [low] of negatives) wins += high > low ? 1 : high === low ? 0.5 : 0;
        }
        const area = auc(
          rows.map(([score]) => score),
          Uint8Array.from(rows, ([, isPositive]) => Number(isPositive)),
        );
        expect(area).toBeCloseTo(wins / (positives.length * negatives.length), 12);
      }),
    );
  });

  it('has an interval that holds its value, the same on every run, and none for a model against itself', () => {
    const target = Uint8Array.from({ length: 200 }, (_, row) => Number(row % 3 === 0));
    const scores = Array.from(target, (value, row) => value + ((row * 7919) % 100) / 50);
    const options = { seed: 1, replicates: 200 };
    const estimate = aucEstimate(scores, target, options);
    expect(estimate.interval[0]).toBeLessThan(estimate.value);
    expect(estimate.interval[1]).toBeGreaterThan(estimate.value);
    expect(aucEstimate(scores, target, options)).toEqual(estimate);
    expect(aucEstimate(scores, target, { ...options, seed: 2 })).not.toEqual(estimate);
    expect(aucGain(scores, scores, target, options)).toEqual({ value: 0, interval: [0, 0] });
  });
});
