import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  jensenShannon,
  kolmogorovSmirnov,
  type NumericTest,
  sortedSamples,
  type TestName,
  testCells,
  testNumbers,
} from '../../../../libraries/statistics/two-sample/index.ts';

interface Case {
  readonly reference?: readonly number[];
  readonly current?: readonly number[];
  /** Statistic and p value; null where SciPy has none, or only a clipped one. */
  readonly expected: Readonly<Record<string, readonly [number, number | null]>>;
}

/** What `scipy-values.py` printed. */
const scipy = JSON.parse(readFileSync(new URL('scipy-values.json', import.meta.url), 'utf8')) as {
  readonly samples: Readonly<Record<string, Case>>;
  readonly cells: Readonly<Record<string, Case>>;
};

const large = {
  reference: Array.from({ length: 400 }, (_, row) => ((row * 37) % 1009) / 100),
  current: Array.from({ length: 300 }, (_, row) => ((row * 53) % 997) / 95 + 0.001),
};

describe.each(Object.entries(scipy.samples))('tests of the numbers %s', (name, found) => {
  const { reference = [], current = [] } = name === 'large' ? large : found;
  const samples = sortedSamples(reference, current);

  it.each(Object.entries(found.expected))('answer for %s what SciPy answers', (test, [statistic, p]) => {
    const outcome = test.endsWith(' asymptotic')
      ? kolmogorovSmirnov(samples, 'asymptotic')
      : test === 'kolmogorov-smirnov'
        ? kolmogorovSmirnov(samples, 'exact')
        : testNumbers(test as NumericTest, samples);
    if (name === 'tied' && test === 'cramer-von-mises') {
      // SciPy's takes the order within ties for a distance: of whole numbers it rejects far too often.
      expect(outcome.statistic).toBeLessThan(statistic);
      expect(outcome.pValue).toBeGreaterThan(p ?? 1);
      return;
    }
    expect(outcome.statistic).toBeCloseTo(statistic, 9);
    // SciPy's exact Kolmogorov–Smirnov and Mann–Whitney tests know no ties; ours do.
    const ignoresTies = name === 'tied' && test === 'kolmogorov-smirnov';
    if (p === null) return;
    if (ignoresTies) expect(outcome.pValue).toBeLessThan(p);
    else expect(outcome.pValue / p).toBeCloseTo(1, 8);
  });
});

describe.each(Object.entries(scipy.cells))('tests of the cells %s', (name, found) => {
  const { reference = [], current = [] } = found;

  it.each(Object.entries(found.expected))('answer for %s what SciPy answers', (test, [statistic, p]) => {
    // Ours pools cells that expect fewer than five rows: with these counts nothing would be left.
    const isRefused = name === 'few' && !['fisher-exact', 'z-test'].includes(test);
    const judge = () =>
      test.endsWith(' natural')
        ? jensenShannon({ reference, current }, 'e')
        : testCells(test as Exclude<TestName, NumericTest>, { reference, current });
    if (isRefused) {
      expect(judge).toThrow('there are too few rows');
      return;
    }
    const outcome = judge();
    expect(outcome.statistic).toBeCloseTo(statistic, 9);
    if (p !== null) expect(outcome.pValue / p).toBeCloseTo(1, 8);
  });
});
