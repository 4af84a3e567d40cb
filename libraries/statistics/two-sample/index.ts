/**
 * Tests of two samples: a statistic, a p value and an effect that does not grow with the rows, of numbers or of counts. Degenerate
 * input is refused in words (`StatisticsError`), never NaN. docs/drift says when to use which.
 */
export { andersonDarling, andersonDarlingOf } from './anderson-darling.ts';
export { type Cells, countsBetween, poolSmall, quantileCells, quantileEdges, totalsOf } from './cells.ts';
export { cramerVonMises } from './cramer-von-mises.ts';
export {
  hellinger,
  jensenShannon,
  kullbackLeibler,
  lInfinity,
  psi,
  totalVariation,
} from './divergences.ts';
export { energyDistance } from './energy-distance.ts';
export { eppsSingleton } from './epps-singleton.ts';
export { chiSquare, gTest } from './homogeneity.ts';
export { exactPairs, kolmogorovSmirnov, kolmogorovTail } from './kolmogorov-smirnov.ts';
export { mannWhitney } from './mann-whitney.ts';
export { studentT, welchT } from './mean-tests.ts';
export { mmd } from './mmd.ts';
export { effectiveRows, type TestOutcome } from './outcome.ts';
export { fisherExact, proportionsZ } from './proportions.ts';
export { quadraticFormTail } from './quadratic-form.ts';
export {
  momentsOf,
  requireDeviation,
  type SampleMoments,
  type SortedSamples,
  sortedSamples,
} from './samples.ts';
export {
  binsOfNumbers,
  type CellTest,
  isCellTest,
  isNumericTest,
  isProportionTest,
  type NumericTest,
  type ProportionTest,
  type TestName,
  testBins,
  testCells,
  testNames,
  testNumbers,
} from './tests.ts';
export { areaTail, judgeArea, wasserstein, wassersteinDistance } from './wasserstein.ts';
