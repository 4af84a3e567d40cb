/** Figures of predictions and how sure they are. Pure functions; degenerate input is refused in words, never NaN. */
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
export { normalCdf, normalQuantile } from './normal.ts';
export { median, medianOf, quantile } from './quantile.ts';
export { type Random, randomFrom, seededRandom } from './random.ts';
export { mae, maeStatistic, rmse, rmseStatistic } from './regression.ts';
export { difference, meanOf, ofAll, type Statistic } from './statistic.ts';
