import { andersonDarling } from './anderson-darling.ts';
import { type Cells, quantileCells } from './cells.ts';
import { cramerVonMises } from './cramer-von-mises.ts';
import { hellinger, jensenShannon, kullbackLeibler, lInfinity, psi, totalVariation } from './divergences.ts';
import { energyDistance } from './energy-distance.ts';
import { eppsSingleton } from './epps-singleton.ts';
import { chiSquare, gTest } from './homogeneity.ts';
import { kolmogorovSmirnov } from './kolmogorov-smirnov.ts';
import { mannWhitney } from './mann-whitney.ts';
import { studentT, welchT } from './mean-tests.ts';
import { mmd } from './mmd.ts';
import type { TestOutcome } from './outcome.ts';
import { fisherExact, proportionsZ } from './proportions.ts';
import { momentsOf, type SortedSamples } from './samples.ts';
import { wasserstein } from './wasserstein.ts';

/** Tests of numbers. */
export const numericTests = {
  'kolmogorov-smirnov': (samples: SortedSamples) => kolmogorovSmirnov(samples),
  wasserstein,
  'mann-whitney': mannWhitney,
  'welch-t': ({ reference, current }: SortedSamples) => welchT(momentsOf(reference), momentsOf(current)),
  'student-t': ({ reference, current }: SortedSamples) => studentT(momentsOf(reference), momentsOf(current)),
  'cramer-von-mises': cramerVonMises,
  'anderson-darling': andersonDarling,
  'epps-singleton': eppsSingleton,
  'energy-distance': energyDistance,
  mmd,
} satisfies Record<string, (samples: SortedSamples) => TestOutcome>;

/** Tests of counts in cells: of categories, or of numbers in bins of the reference. */
export const cellTests = {
  'chi-square': chiSquare,
  'g-test': gTest,
  psi,
  'jensen-shannon': (cells: Cells) => jensenShannon(cells),
  'kullback-leibler': kullbackLeibler,
  hellinger,
  'total-variation': totalVariation,
  'l-infinity': lInfinity,
} satisfies Record<string, (cells: Cells) => TestOutcome>;

/** Tests of two cells. */
export const proportionTests = {
  'z-test': proportionsZ,
  'fisher-exact': fisherExact,
} satisfies Record<string, (cells: Cells) => TestOutcome>;

export type NumericTest = keyof typeof numericTests;
export type CellTest = keyof typeof cellTests;
export type ProportionTest = keyof typeof proportionTests;
export type TestName = NumericTest | CellTest | ProportionTest;

export const testNames: readonly TestName[] = [
  ...(Object.keys(numericTests) as NumericTest[]),
  ...(Object.keys(cellTests) as CellTest[]),
  ...(Object.keys(proportionTests) as ProportionTest[]),
];

export function isNumericTest(name: TestName): name is NumericTest {
  return name in numericTests;
}

export function isCellTest(name: TestName): name is CellTest {
  return name in cellTests;
}

export function isProportionTest(name: TestName): name is ProportionTest {
  return name in proportionTests;
}

/** Bins that numbers are put in where a test counts cells. */
export const binsOfNumbers = 10;

/** Runs a test on numbers; one that counts cells, on tenths of the reference. Throws `StatisticsError`. */
export function testNumbers(name: NumericTest | CellTest, samples: SortedSamples): TestOutcome {
  if (isNumericTest(name)) return numericTests[name](samples);
  return testBins(name, quantileCells(samples, binsOfNumbers));
}

/** Runs a test on numbers that are in bins already. Throws `StatisticsError`. */
export function testBins(name: CellTest, bins: Cells): TestOutcome {
  const outcome = cellTests[name](bins);
  return { ...outcome, limits: [...outcome.limits, 'numbers are compared in bins of the reference'] };
}

/** Runs a test on counts. Throws `StatisticsError`. */
export function testCells(name: CellTest | ProportionTest, cells: Cells): TestOutcome {
  return isProportionTest(name) ? proportionTests[name](cells) : cellTests[name](cells);
}
