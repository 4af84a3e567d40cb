/** Figures of predicted labels (0 and 1) and of predicted probabilities, as scikit-learn defines them. */
import { requireBinary, requireRows, StatisticsError } from './error.ts';
import { meanOf, ofAll, type Statistic } from './statistic.ts';

type Column = ArrayLike<number>;

/** The share of rows whose label was predicted. Labels may be any whole numbers. */
export function accuracy(predicted: Column, labels: Column): number {
  return ofAll(predicted.length, accuracyStatistic(predicted, labels), 'there is no row');
}

export function accuracyStatistic(predicted: Column, labels: Column): Statistic {
  const rows = requireRows({ predictions: predicted, labels });
  return meanOf(Uint8Array.from({ length: rows }, (_, row) => Number(predicted[row] === labels[row])));
}

/** Of the rows predicted positive, the share that is. Throws `StatisticsError` where none was predicted positive. */
export function precision(predicted: Column, labels: Column): number {
  const statistic = precisionStatistic(predicted, labels);
  return ofAll(predicted.length, statistic, 'no row was predicted positive: there is no precision');
}

export function precisionStatistic(predicted: Column, labels: Column): Statistic {
  return ratioOf(predicted, labels, ({ hits, predictedOnes }) => [hits, predictedOnes]);
}

/** Of the positive rows, the share that was predicted so. Throws `StatisticsError` where no row is positive. */
export function recall(predicted: Column, labels: Column): number {
  return ofAll(
    predicted.length,
    recallStatistic(predicted, labels),
    'no row is positive: there is no recall',
  );
}

export function recallStatistic(predicted: Column, labels: Column): Statistic {
  return ratioOf(predicted, labels, ({ hits, ones }) => [hits, ones]);
}

/** The harmonic mean of precision and recall. Throws `StatisticsError` where no row is, and none was predicted, positive. */
export function f1(predicted: Column, labels: Column): number {
  const reason = 'no row is positive and none was predicted so: there is no F1';
  return ofAll(predicted.length, f1Statistic(predicted, labels), reason);
}

export function f1Statistic(predicted: Column, labels: Column): Statistic {
  return ratioOf(predicted, labels, ({ hits, ones, predictedOnes }) => [2 * hits, ones + predictedOnes]);
}

/**
 * Mean of -ln of the probability that was given to what happened: lower is better. Probabilities are kept `epsilon` away
 * from 0 and 1, so that one certain error does not weigh infinitely (scikit-learn does the same, with the machine's epsilon).
 */
export function logLoss(probabilities: Column, labels: Column, epsilon = Number.EPSILON): number {
  return ofAll(probabilities.length, logLossStatistic(probabilities, labels, epsilon), 'there is no row');
}

export function logLossStatistic(probabilities: Column, labels: Column, epsilon = Number.EPSILON): Statistic {
  const rows = requireProbabilities(probabilities, labels);
  return meanOf(
    Float64Array.from({ length: rows }, (_, row) => {
      const kept = Math.min(1 - epsilon, Math.max(epsilon, probabilities[row]!));
      return -Math.log(labels[row] === 1 ? kept : 1 - kept);
    }),
  );
}

/** Mean squared difference of probability and outcome (Brier, Monthly Weather Review 78, 1950): lower is better. */
export function brier(probabilities: Column, labels: Column): number {
  return ofAll(probabilities.length, brierStatistic(probabilities, labels), 'there is no row');
}

export function brierStatistic(probabilities: Column, labels: Column): Statistic {
  const rows = requireProbabilities(probabilities, labels);
  return meanOf(Float64Array.from({ length: rows }, (_, row) => (probabilities[row]! - labels[row]!) ** 2));
}

interface Counts {
  /** Predicted positive, and so. */
  readonly hits: number;
  readonly ones: number;
  readonly predictedOnes: number;
}

function ratioOf(
  predicted: Column,
  labels: Column,
  parts: (counts: Counts) => readonly [part: number, whole: number],
): Statistic {
  const rows = requireRows({ predictions: predicted, labels });
  requireBinary('the prediction', predicted);
  requireBinary('the label', labels);
  return (weights) => {
    let hits = 0;
    let ones = 0;
    let predictedOnes = 0;
    for (let row = 0; row < rows; row++) {
      const weight = weights[row]!;
      if (labels[row] === 1) ones += weight;
      if (predicted[row] !== 1) continue;
      predictedOnes += weight;
      if (labels[row] === 1) hits += weight;
    }
    const [part, whole] = parts({ hits, ones, predictedOnes });
    return whole === 0 ? undefined : part / whole;
  };
}

/** Throws where a label is neither 0 nor 1, or a probability none. */
export function requireProbabilities(probabilities: Column, labels: Column): number {
  const rows = requireRows({ probabilities, labels });
  requireBinary('the label', labels);
  for (let row = 0; row < rows; row++) {
    const probability = probabilities[row]!;
    if (probability >= 0 && probability <= 1) continue;
    throw new StatisticsError(`the probability in row ${row + 1} is ${probability}, not between 0 and 1`);
  }
  return rows;
}
