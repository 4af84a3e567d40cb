/**
 * Figures of predictions, how sure they are, and what an experiment shows. Pure functions; degenerate input is refused in words,
 * never NaN.
 */
export { auc, aucStatistic } from './auc.ts';
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
export { StatisticsError } from './error.ts';
export { incompleteBeta } from './incomplete-beta.ts';
export { upperIncompleteGamma } from './incomplete-gamma.ts';
export { normalCdf, normalDensity, normalQuantile, normalUpperTail } from './normal.ts';
export { median, medianOf, quantile } from './quantile.ts';
export { type Random, randomFrom, seededRandom } from './random.ts';
export { mae, maeStatistic, rmse, rmseStatistic } from './regression.ts';
export { difference, meanOf, ofAll, type Statistic } from './statistic.ts';
export { logGamma } from './stirling.ts';
export { studentUpperPoint, studentUpperTail } from './student-t.ts';
