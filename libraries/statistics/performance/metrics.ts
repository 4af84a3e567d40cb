import { aucStatistic } from '../auc.ts';
import { averagePrecisionStatistic } from '../average-precision.ts';
import { averagedStatistic } from '../averages.ts';
import {
  calibrationInterceptStatistic,
  calibrationSlopeStatistic,
  expectedCalibrationErrorStatistic,
} from '../calibration.ts';
import {
  accuracyStatistic,
  brierStatistic,
  f1Statistic,
  logLossStatistic,
  precisionStatistic,
  recallStatistic,
} from '../classification.ts';
import { maeStatistic, mapeStatistic, r2Statistic, rmseStatistic } from '../regression.ts';
import type { Statistic } from '../statistic.ts';
import type { Task } from './rows.ts';

export interface Metric {
  readonly title: string;
  /** Which one is better; `nearest` names the value that is best, on both sides of which it gets worse. */
  readonly better: 'higher' | 'lower' | { readonly nearest: number };
  readonly of: 'predicted' | 'probabilities';
  readonly statistic: (of: ArrayLike<number>, labels: ArrayLike<number>) => Statistic;
  /** Why some rows do not have it, where that is not an error of its own. */
  readonly undefinedBecause: string;
}

const noRow = 'there is no row';
const oneClass = 'all rows are of one class';

/** The least and the most that a metric can be; what can be whatever it is stands here as well. */
export function rangeOf(name: MetricName): readonly [least: number, most: number] {
  if (name === 'calibration-slope' || name === 'calibration-intercept') return [-Infinity, Infinity];
  if (name === 'r2') return [-Infinity, 1];
  const isUnbounded = name === 'log-loss' || name === 'mae' || name === 'rmse' || name === 'mape';
  return [0, isUnbounded ? Infinity : 1];
}

/** The metrics of each sort of prediction, in the order in which they are shown. */
export const metricsOf = {
  binary: {
    accuracy: metric('accuracy', 'higher', 'predicted', accuracyStatistic, noRow),
    precision: metric(
      'precision',
      'higher',
      'predicted',
      precisionStatistic,
      'no row was predicted positive',
    ),
    recall: metric('recall', 'higher', 'predicted', recallStatistic, 'no row is positive'),
    f1: metric('F1', 'higher', 'predicted', f1Statistic, 'no row is positive and none was predicted so'),
    auc: metric('ROC AUC', 'higher', 'probabilities', aucStatistic, oneClass),
    'average-precision': metric(
      'average precision',
      'higher',
      'probabilities',
      averagePrecisionStatistic,
      'no row is positive',
    ),
    'log-loss': metric('log loss', 'lower', 'probabilities', logLossStatistic, noRow),
    brier: metric('Brier score', 'lower', 'probabilities', brierStatistic, noRow),
    'expected-calibration-error': metric(
      'expected calibration error',
      'lower',
      'probabilities',
      expectedCalibrationErrorStatistic,
      noRow,
    ),
    'calibration-slope': metric(
      'calibration slope',
      { nearest: 1 },
      'probabilities',
      calibrationSlopeStatistic,
      'all rows are of one class, all probabilities are the same, or they tell the classes apart without an error',
    ),
    'calibration-intercept': metric(
      'calibration intercept',
      { nearest: 0 },
      'probabilities',
      calibrationInterceptStatistic,
      oneClass,
    ),
  },
  multiclass: {
    accuracy: metric('accuracy', 'higher', 'predicted', accuracyStatistic, noRow),
    'precision-macro': averaged('precision', 'macro'),
    'recall-macro': averaged('recall', 'macro'),
    'f1-macro': averaged('f1', 'macro'),
    'precision-weighted': averaged('precision', 'weighted'),
    'recall-weighted': averaged('recall', 'weighted'),
    'f1-weighted': averaged('f1', 'weighted'),
  },
  regression: {
    mae: metric('MAE', 'lower', 'predicted', maeStatistic, noRow),
    rmse: metric('RMSE', 'lower', 'predicted', rmseStatistic, noRow),
    mape: metric('MAPE', 'lower', 'predicted', mapeStatistic, noRow),
    r2: metric('R²', 'higher', 'predicted', r2Statistic, 'the true values do not vary'),
  },
} satisfies Readonly<Record<Task, Readonly<Record<string, Metric>>>>;

export type MetricName = { [T in Task]: keyof (typeof metricsOf)[T] }[Task];

/** Every metric by its name, of whatever sort of prediction. */
export const metricNames = [
  ...new Set(Object.values(metricsOf).flatMap((metrics) => Object.keys(metrics) as MetricName[])),
] as const;

function metric(
  title: string,
  better: Metric['better'],
  of: Metric['of'],
  statistic: Metric['statistic'],
  undefinedBecause: string,
): Metric {
  return { title, better, of, statistic, undefinedBecause };
}

function averaged(figure: 'precision' | 'recall' | 'f1', average: 'macro' | 'weighted'): Metric {
  const title = `${figure === 'f1' ? 'F1' : figure}, ${average}`;
  return metric(
    title,
    'higher',
    'predicted',
    (predicted, labels) => averagedStatistic(figure, average, predicted, labels),
    noRow,
  );
}
