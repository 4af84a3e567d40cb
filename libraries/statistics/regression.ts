import { requireFinite, requireRows, StatisticsError } from './error.ts';
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

/**
 * Mean absolute difference as a share of the truth: 0.1 is 10 %; lower is better. Throws `StatisticsError` where a true
 * value is 0, of which nothing is a share (scikit-learn divides by the machine's epsilon there, and answers with 1e15).
 */
export function mape(predicted: Column, truth: Column): number {
  return ofAll(predicted.length, mapeStatistic(predicted, truth), 'there is no row');
}

export function mapeStatistic(predicted: Column, truth: Column): Statistic {
  const errors = differences(predicted, truth);
  let zeros = 0;
  for (let row = 0; row < truth.length; row++) if (truth[row] === 0) zeros++;
  if (zeros > 0)
    throw new StatisticsError(
      `the true value is 0 in ${zeros} ${zeros === 1 ? 'row' : 'rows'}: no error is a share of it`,
    );
  return meanOf(errors.map((error, row) => Math.abs(error / truth[row]!)));
}

/**
 * The share of the variance of the truth that the predictions explain: 1 is perfect, 0 no better than the mean, below 0
 * worse than it. Throws `StatisticsError` where the truth does not vary.
 */
export function r2(predicted: Column, truth: Column): number {
  return ofAll(predicted.length, r2Statistic(predicted, truth), 'the true values do not vary');
}

export function r2Statistic(predicted: Column, truth: Column): Statistic {
  const errors = differences(predicted, truth);
  // Around the middle, so that large values that hardly vary lose no digits.
  let middle = 0;
  for (let row = 0; row < truth.length; row++) middle += truth[row]! / truth.length;
  const centred = Float64Array.from(truth, (value) => value - middle);
  return (weights) => {
    let count = 0;
    let sum = 0;
    let squares = 0;
    let left = 0;
    let first: number | undefined;
    let varies = false;
    for (let row = 0; row < centred.length; row++) {
      const weight = weights[row]!;
      if (weight === 0) continue;
      const value = centred[row]!;
      first ??= value;
      varies ||= value !== first;
      count += weight;
      sum += weight * value;
      squares += weight * value ** 2;
      left += weight * errors[row]! ** 2;
    }
    if (!varies) return undefined;
    const total = squares - sum ** 2 / count;
    return total > 0 ? 1 - left / total : undefined;
  };
}

function differences(predicted: Column, truth: Column): Float64Array {
  const rows = requireRows({ predictions: predicted, 'true values': truth });
  requireFinite('the prediction', predicted);
  requireFinite('the true value', truth);
  return Float64Array.from({ length: rows }, (_, row) => predicted[row]! - truth[row]!);
}
