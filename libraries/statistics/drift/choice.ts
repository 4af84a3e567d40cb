import type { TestName } from '../two-sample/index.ts';

/** Rows of the reference up to which a test of significance is chosen, above which a distance. */
export const smallReference = 1000;
/** Numbers with at most so many distinct values are compared as categories. */
export const fewValues = 5;

/**
 * The test that Evidently chooses, whose rule many know: of a small reference a test (Kolmogorov–Smirnov; chi-square; z where there
 * are two values), of a large one a distance (Wasserstein over the standard deviation; Jensen–Shannon).
 */
export function defaultTest(column: {
  readonly type: 'number' | 'category';
  readonly referenceRows: number;
  /** Of both samples together. */
  readonly distinct: number;
}): TestName {
  const isContinuous = column.type === 'number' && column.distinct > fewValues;
  if (column.referenceRows > smallReference) return isContinuous ? 'wasserstein' : 'jensen-shannon';
  if (isContinuous) return 'kolmogorov-smirnov';
  return column.distinct <= 2 ? 'z-test' : 'chi-square';
}

/** The effect from which on a significant difference counts: 0.1 of what the test measures, but where a convention says otherwise. */
export function defaultThreshold(test: TestName): number {
  // Cohen's "small" of a difference in standard deviations, and of proportions on his scale.
  const isCohens = test === 'welch-t' || test === 'student-t' || test === 'z-test' || test === 'fisher-exact';
  return isCohens ? 0.2 : 0.1;
}
