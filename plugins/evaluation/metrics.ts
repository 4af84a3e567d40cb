import {
  accuracyStatistic,
  aucStatistic,
  brierStatistic,
  f1Statistic,
  logLossStatistic,
  maeStatistic,
  precisionStatistic,
  recallStatistic,
  rmseStatistic,
  type Statistic,
} from '../../libraries/statistics/index.ts';
import type { Evaluation } from './declaration.ts';
import type { Predictions } from './predictions.ts';

export type MetricName = Evaluation['metrics'][number]['name'];

interface Metric {
  readonly title: string;
  readonly of: keyof Predictions;
  readonly isHigherBetter: boolean;
  readonly statistic: (predicted: ArrayLike<number>, labels: ArrayLike<number>) => Statistic;
}

export const metrics: Readonly<Record<MetricName, Metric>> = {
  auc: { title: 'AUC', of: 'score', isHigherBetter: true, statistic: aucStatistic },
  accuracy: { title: 'accuracy', of: 'prediction', isHigherBetter: true, statistic: accuracyStatistic },
  precision: { title: 'precision', of: 'prediction', isHigherBetter: true, statistic: precisionStatistic },
  recall: { title: 'recall', of: 'prediction', isHigherBetter: true, statistic: recallStatistic },
  f1: { title: 'F1', of: 'prediction', isHigherBetter: true, statistic: f1Statistic },
  'log-loss': { title: 'log loss', of: 'score', isHigherBetter: false, statistic: logLossStatistic },
  brier: { title: 'Brier score', of: 'score', isHigherBetter: false, statistic: brierStatistic },
  mae: { title: 'MAE', of: 'prediction', isHigherBetter: false, statistic: maeStatistic },
  rmse: { title: 'RMSE', of: 'prediction', isHigherBetter: false, statistic: rmseStatistic },
};

/** The metric of one version's predictions. Throws `StatisticsError` where these predictions cannot have it. */
export function statisticOf(name: MetricName, predictions: Predictions, labels: Float64Array): Statistic {
  const { of, statistic } = metrics[name];
  return statistic(predictions[of] ?? [], labels);
}
