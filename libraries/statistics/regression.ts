import { requireFinite, requireRows } from './error.ts';
import { meanOf, ofAll, type Statistic } from './statistic.ts';

type Column = ArrayLike<number>;

/** Mean absolute difference of prediction and truth: lower is better. */
export function mae(predicted: Column, truth: Column): number {
  return ofAll(predicted.length, maeStatistic(predicted, truth), 'there is no row');
}

export function maeStatistic(predicted: Column, truth: Column): Statistic {
  return meanOf(differences(predicted, truth).map(Math.abs));
}

/** Root of the mean squared difference of prediction and truth: lower is better. */
export function rmse(predicted: Column, truth: Column): number {
  return ofAll(predicted.length, rmseStatistic(predicted, truth), 'there is no row');
}

export function rmseStatistic(predicted: Column, truth: Column): Statistic {
  const meanSquare = meanOf(differences(predicted, truth).map((one) => one ** 2));
  return (weights) => {
    const value = meanSquare(weights);
    return value === undefined ? undefined : Math.sqrt(value);
  };
}

function differences(predicted: Column, truth: Column): Float64Array {
  const rows = requireRows({ predictions: predicted, 'true values': truth });
  requireFinite('the prediction', predicted);
  requireFinite('the true value', truth);
  return Float64Array.from({ length: rows }, (_, row) => predicted[row]! - truth[row]!);
}
