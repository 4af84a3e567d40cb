import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { type TestName, testNames } from '../../libraries/statistics/two-sample/index.ts';
import { usageError } from '../errors.ts';

/** What people call them elsewhere. */
const aliases: Readonly<Record<string, TestName>> = {
  ks: 'kolmogorov-smirnov',
  chisquare: 'chi-square',
  'chi-squared': 'chi-square',
  z: 'z-test',
  'z-proportions': 'z-test',
  'proportions-z': 'z-test',
  'z-of-proportions': 'z-test',
  fisher: 'fisher-exact',
  g: 'g-test',
  'population-stability-index': 'psi',
  'maximum-mean-discrepancy': 'mmd',
  energy: 'energy-distance',
  'wasserstein-distance': 'wasserstein',
  js: 'jensen-shannon',
  kl: 'kullback-leibler',
  tv: 'total-variation',
  't-test': 'welch-t',
};

/** `T` for all columns, and `COLUMN=T` for one. */
export function readTests(words: readonly string[]): { test?: TestName; tests: Record<string, TestName> } {
  const tests: Record<string, TestName> = {};
  let test: TestName | undefined;
  for (const word of words) {
    const at = word.lastIndexOf('=');
    if (at < 0) test = testNamed(word);
    else tests[word.slice(0, at)] = testNamed(word.slice(at + 1));
  }
  return test === undefined ? { tests } : { test, tests };
}

function testNamed(word: string): TestName {
  const name = aliases[word] ?? testNames.find((known) => known === word);
  if (name !== undefined) return name;
  throw usageError(
    `there is no test called '${word}'`,
    didYouMean(word, testNames) ?? `Tests: ${testNames.join(', ')}.`,
  );
}
