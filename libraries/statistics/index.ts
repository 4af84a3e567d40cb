/**
 * Figures of predictions, how sure they are, and what an experiment shows. Pure functions; degenerate input is refused in words,
 * never NaN.
 */
export type { Alternative, TestResult } from './alternative.ts';
export { auc, aucStatistic } from './auc.ts';
export { averagePrecision, averagePrecisionStatistic } from './average-precision.ts';
export { type Average, averagedStatistic, type ClassFigure } from './averages.ts';
export {
  acceleration,
  type BootstrapOptions,
  bcaInterval,
  bootstrap,
  bootstrapReplicates,
  type Estimate,
  type Interval,
  type IntervalOptions,
  jackknife,
  percentileInterval,
} from './bootstrap.ts';
export { type FoundInterval, intervalsTogether, type TogetherOptions } from './bootstrap-together.ts';
export {
  calibrationInterceptStatistic,
  calibrationSlopeStatistic,
  expectedCalibrationError,
  expectedCalibrationErrorStatistic,
  type ReliabilityBin,
  reliabilityBins,
} from './calibration.ts';
export { type NormalPrior, type Posterior, posteriorOf } from './chance-to-win.ts';
export { chiSquaredUpperTail } from './chi-squared.ts';
export {
  accuracy,
  accuracyStatistic,
  brier,
  brierStatistic,
  f1,
  f1Statistic,
  logLoss,
  logLossStatistic,
  precision,
  precisionStatistic,
  recall,
  recallStatistic,
} from './classification.ts';
export { anytimeTest, defaultTuning } from './confidence-sequence.ts';
export { type AdjustableArm, type AdjustedEffect, type CovariateSums, cupedEffect } from './cuped.ts';
export { type DifferenceType, type Effect, effectOf } from './effect.ts';
export { StatisticsError } from './error.ts';
export {
  type BudgetedMetric,
  type ErrorBudget,
  type MetricBudget,
  splitErrorBudget,
} from './error-budget.ts';
export {
  type Analysis,
  type Arm,
  analyze,
  type Comparison,
  type Experiment,
  type Method,
} from './experiment.ts';
export { incompleteBeta } from './incomplete-beta.ts';
export { upperIncompleteGamma } from './incomplete-gamma.ts';
export { meanDifferenceSequence } from './mean-sequence.ts';
export { type Moments, momentsOfMean, momentsOfProportion, type Sums } from './moments.ts';
export { benjaminiHochberg, holm } from './multiple-tests.ts';
export { normalCdf, normalDensity, normalQuantile, normalUpperTail } from './normal.ts';
export { type Design, type ExpectedArm, expectedProportion, minimumSampleSize, power } from './power.ts';
export {
  type Counted,
  exactDifferenceSequence,
  proportionDifferenceSequence,
  proportionSequence,
} from './proportion-sequence.ts';
export { median, medianOf, quantile } from './quantile.ts';
export { momentsOfQuantile } from './quantile-moments.ts';
export { type Buckets, quantileDifferenceSequence } from './quantile-sequence.ts';
export { type Random, randomFrom, seededRandom } from './random.ts';
export {
  mae,
  maeStatistic,
  mape,
  mapeStatistic,
  r2,
  r2Statistic,
  rmse,
  rmseStatistic,
} from './regression.ts';
export { type SampleRatio, sampleRatio, sequentialSampleRatio } from './sample-ratio.ts';
export { difference, meanOf, ofAll, type Statistic } from './statistic.ts';
export { logGamma } from './stirling.ts';
export { studentUpperPoint, studentUpperTail } from './student-t.ts';
export { welchTest } from './welch.ts';
