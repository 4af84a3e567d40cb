import { describe, expect, it } from 'vitest';
import { normalQuantile, seededRandom } from '../../../../libraries/statistics/index.ts';
import { binColumns } from '../../../../libraries/statistics/multivariate/binned-columns.ts';
import { fitBoostedTrees } from '../../../../libraries/statistics/multivariate/boosted-trees.ts';
import {
  compareMultivariate,
  domainClassifier,
  multivariateMethods,
  pcaReconstruction,
  type TableColumn,
} from '../../../../libraries/statistics/multivariate/index.ts';

const random = seededRandom(11);
const normal = () => normalQuantile((random.word() + 0.5) / 2 ** 32);

/** Two numbers that hang together by `correlation`, a number by itself, and a text. */
function table(rows: number, correlation: number, shift = 0): TableColumn[] {
  const [one, other] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row++) {
    const value = normal() + shift;
    one[row] = value;
    other[row] = correlation * value + Math.sqrt(1 - correlation ** 2) * normal();
  }
  return [
    { type: 'number', name: 'one', values: one },
    { type: 'number', name: 'other', values: other },
    { type: 'number', name: 'alone', values: Float64Array.from({ length: rows }, normal) },
    { type: 'category', name: 'kind', values: Array.from({ length: rows }, () => 'abcde'[random.below(5)]!) },
  ];
}

describe('two samples whose columns hang together otherwise, and are alike one by one', () => {
  const tables = { reference: table(1500, 0.8), current: table(1500, 0) };

  it('are told apart by both methods, and the columns that do so are named', () => {
    const [classifier, reconstruction] = compareMultivariate(tables, multivariateMethods);
    expect(classifier).toMatchObject({ method: 'domain-classifier', drifted: true });
    expect(classifier!.statistic).toBeGreaterThan(0.6);
    expect(
      classifier!.columns
        ?.slice(0, 2)
        .map(({ column }) => column)
        .sort(),
    ).toEqual(['one', 'other']);
    expect(classifier!.columns?.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    expect(reconstruction).toMatchObject({ method: 'pca-reconstruction', drifted: true });
    // What hung together had less to lose.
    expect(reconstruction!.statistic).toBeGreaterThan(0.1);
  });

  it('answer the same for the same seed', () => {
    expect(domainClassifier(tables, { seed: 7 })).toEqual(domainClassifier(tables, { seed: 7 }));
    expect(pcaReconstruction(tables, { seed: 7 })).toEqual(pcaReconstruction(tables, { seed: 7 }));
    expect(domainClassifier(tables, { seed: 7 }).statistic).not.toBe(
      domainClassifier(tables, { seed: 8 }).statistic,
    );
  });
});

it('a shift along what hangs together is seen by the classifier, and not by the reconstruction', () => {
  const tables = { reference: table(1200, 0.8), current: table(1200, 0.8, 1) };
  expect(domainClassifier(tables).pValue).toBeLessThan(1e-6);
  expect(pcaReconstruction(tables).effect).toBeLessThan(0.3);
});

it('samples of one distribution look different about as often as they may', () => {
  const trials = 120;
  const rejected = { 'domain-classifier': 0, 'pca-reconstruction': 0 };
  for (let trial = 0; trial < trials; trial++) {
    const found = compareMultivariate(
      { reference: table(120, 0.5), current: table(90, 0.5) },
      multivariateMethods,
      { seed: trial },
    );
    for (const { method, pValue } of found) rejected[method] += Number(pValue! < 0.1);
  }
  // 12 are expected of 120; more than 24 would be a chance of one in two thousand. The benchmark looks closer.
  for (const count of Object.values(rejected)) {
    expect(count).toBeGreaterThan(1);
    expect(count).toBeLessThan(25);
  }
});

describe('what cannot be compared', () => {
  const status = (reference: TableColumn[], current: TableColumn[]) =>
    compareMultivariate({ reference, current }, multivariateMethods).map((one) => [one.status, one.reason]);

  it('says why: too few rows, or one column', () => {
    expect(status(table(100, 0), table(49, 0))).toEqual(
      multivariateMethods.map(() => ['not-comparable', 'the current sample has 49 rows, and 50 are needed']),
    );
    expect(status(table(60, 0).slice(0, 1), table(60, 0).slice(0, 1))[0]?.[1]).toContain('two at least');
  });

  it('gives no NaN of constant, missing, infinite and new values', () => {
    const odd = (rows: number, text: string): TableColumn[] => [
      { type: 'number', name: 'constant', values: new Float64Array(rows).fill(3) },
      { type: 'number', name: 'missing', values: new Float64Array(rows).fill(Number.NaN) },
      {
        type: 'number',
        name: 'half',
        values: Float64Array.from({ length: rows }, (_, row) => (row % 2 ? row : Number.NaN)),
      },
      { type: 'number', name: 'large', values: Float64Array.from({ length: rows }, (_, row) => row * 1e300) },
      {
        type: 'category',
        name: 'text',
        values: Array.from({ length: rows }, (_, row) => (row % 3 ? text : null)),
      },
    ];
    for (const found of compareMultivariate(
      { reference: odd(80, 'a'), current: odd(70, 'b') },
      multivariateMethods,
    )) {
      for (const value of [found.statistic, found.pValue, found.effect])
        expect(value === null || Number.isFinite(value)).toBe(true);
    }
    const same = odd(80, 'a').slice(0, 2);
    const [classifier, reconstruction] = compareMultivariate(
      { reference: same, current: same },
      multivariateMethods,
    );
    expect(classifier).toMatchObject({ statistic: 0.5, pValue: 0.5, drifted: false });
    expect(reconstruction).toMatchObject({ status: 'not-comparable', drifted: null });
  });
});

describe('boosted trees', () => {
  it('learn what no column shows by itself, and texts of no order', () => {
    const rows = 600;
    const one = Float64Array.from({ length: rows }, normal);
    const other = Float64Array.from({ length: rows }, normal);
    const text = Array.from({ length: rows }, () => 'pqrstuvw'[random.below(8)]!);
    const between = (from: number, to: number): TableColumn[] => [
      { type: 'number', name: 'one', values: one.slice(from, to) },
      { type: 'number', name: 'other', values: other.slice(from, to) },
      { type: 'category', name: 'text', values: text.slice(from, to) },
    ];
    const labels = Uint8Array.from(
      { length: rows },
      (_, row) => Number(one[row]! > 0 === other[row]! > 0) ^ Number('pru'.includes(text[row]!)),
    );
    const columns = binColumns({ reference: between(0, 300), current: between(300, rows) });
    const seen = Uint32Array.from({ length: 500 }, (_, row) => row);
    const trees = fitBoostedTrees(columns, labels, seen, {
      trees: 80,
      depth: 4,
      learningRate: 0.3,
      rowsPerLeaf: 5,
      l2: 1,
    });
    let right = 0;
    for (let row = 500; row < rows; row++) right += Number(trees.score(row) > 0 === (labels[row] === 1));
    expect(right).toBeGreaterThan(85);
    expect(Math.min(...trees.gains)).toBeGreaterThan(0);
  });
});
