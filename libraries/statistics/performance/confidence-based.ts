import { percentileInterval } from '../bootstrap.ts';
import { requireProbabilities } from '../classification.ts';
import { requireBinary, requireRows, StatisticsError } from '../error.ts';
import { type Random, seededRandom } from '../random.ts';
import { calibrationHelps } from './calibration-helps.ts';
import { isotonicFitter } from './isotonic.ts';
import type { LabelledScores } from './rows.ts';

/** Rows whose truth is not known. */
export interface ScoredWindow {
  readonly probabilities: ArrayLike<number>;
  /** 0 or 1. */
  readonly predicted: ArrayLike<number>;
}

export const estimatedNames = ['accuracy', 'precision', 'recall', 'f1', 'auc'] as const;
export type EstimatedName = (typeof estimatedNames)[number];

export interface EstimatedMetric {
  readonly metric: EstimatedName;
  readonly value: number | null;
  /** Holds, with the chance of the level, what these rows would show if their labels came. */
  readonly low: number | null;
  readonly high: number | null;
  /** The standard deviation of what they would show: sampling and calibration together. */
  readonly standardError: number | null;
  readonly reason?: string;
}

export interface ConfidenceEstimate {
  readonly n: number;
  readonly referenceRows: number;
  /** Whether probabilities were calibrated on the reference, and its expected calibration error held out, without and with. */
  readonly calibrated: boolean;
  readonly calibrationError: { readonly before: number; readonly after: number } | null;
  /** Rows expected in each cell. */
  readonly confusion: {
    readonly truePositive: number;
    readonly falsePositive: number;
    readonly trueNegative: number;
    readonly falseNegative: number;
  };
  readonly metrics: readonly EstimatedMetric[];
  /** Where the estimate is not to be trusted. */
  readonly notes: readonly string[];
}

export interface EstimateOptions {
  /** Default 1,000. */
  readonly replicates?: number;
  readonly seed: number;
  /** Default 0.95. */
  readonly level?: number;
}

/**
 * Confidence-based performance estimation, as NannyML documents it: a calibrated probability says how often a prediction is right,
 * so the cells of the confusion matrix, and what follows from them, are known on average without a label. Probabilities are
 * calibrated on the reference by isotonic regression where that lowers the calibration error of rows that were held out.
 *
 * The interval is a simulation of the error: labels of these rows are drawn from the calibrated probabilities, and the figure
 * that they have is held against the estimate of a bootstrap sample of the reference. So it holds what is unsure about the
 * calibration and about the labels, and makes good that a fit looks a little better than it is.
 *
 * It assumes that a score means as often what it meant in the reference. Inputs may shift; what follows from them may not
 * (concept drift), and nothing in a window without labels can show that it did. Throws `StatisticsError` where the reference
 * has labels of one class.
 */
export function* estimatePerformance(
  reference: LabelledScores,
  window: ScoredWindow,
  { replicates = 1000, seed, level = 0.95 }: EstimateOptions,
): Generator<undefined, ConfidenceEstimate> {
  const referenceRows = requireProbabilities(reference.probabilities, reference.labels);
  const n = requireRows({ probabilities: window.probabilities, predictions: window.predicted });
  requireProbabilities(window.probabilities, new Uint8Array(n));
  requireBinary('the prediction', window.predicted);
  requireBothClasses(reference.labels);
  const random = seededRandom(seed);
  const helps = calibrationHelps(reference, random);
  const sorted = sortedWindow(window);
  const fitted = isotonicFitter(reference.probabilities, reference.labels);
  const expected = helps.calibrated ? fitted().calibrate(sorted.scores) : sorted.scores;
  const values = figuresOf(expected, sorted);

  const errors = new Map<EstimatedName, number[]>(estimatedNames.map((name) => [name, []]));
  const weights = new Uint32Array(referenceRows);
  const drawn = new Uint8Array(n);
  for (let replicate = 0; replicate < replicates; replicate++) {
    const again = helps.calibrated
      ? figuresOf(fitted(resampled(weights, random)).calibrate(sorted.scores), sorted)
      : values;
    for (let row = 0; row < n; row++) drawn[row] = random.next() < expected[row]! ? 1 : 0;
    const shown = figuresOf(drawn, sorted);
    for (const name of estimatedNames) {
      const [estimate, value] = [again.metrics[name], shown.metrics[name]];
      if (estimate !== undefined && value !== undefined) errors.get(name)!.push(estimate - value);
    }
    yield;
  }
  return {
    n,
    referenceRows,
    ...helps,
    confusion: values.confusion,
    metrics: estimatedNames.map((name) =>
      estimated(name, values.metrics[name], errors.get(name)!, replicates, level),
    ),
    notes: notesOf(reference, sorted.scores),
  };
}

interface SortedWindow {
  readonly scores: Float64Array;
  readonly predicted: Uint8Array;
  readonly endsTie: Uint8Array;
}

function sortedWindow({ probabilities, predicted }: ScoredWindow): SortedWindow {
  const n = probabilities.length;
  const order = Uint32Array.from({ length: n }, (_, row) => row).sort(
    (one, other) => probabilities[one]! - probabilities[other]! || one - other,
  );
  const scores = Float64Array.from(order, (row) => probabilities[row]!);
  return {
    scores,
    predicted: Uint8Array.from(order, (row) => predicted[row]!),
    endsTie: Uint8Array.from(scores, (score, at) => (at + 1 === n || scores[at + 1] !== score ? 1 : 0)),
  };
}

/** Of labels, or of how probable label 1 is: a row may be positive in part. */
function figuresOf(
  positives: ArrayLike<number>,
  { predicted, endsTie }: SortedWindow,
): {
  readonly confusion: ConfidenceEstimate['confusion'];
  readonly metrics: Readonly<Record<EstimatedName, number | undefined>>;
} {
  const n = predicted.length;
  let [truePositive, falsePositive, trueNegative, falseNegative] = [0, 0, 0, 0];
  let [wins, zeros, tiedOnes, tiedZeros] = [0, 0, 0, 0];
  for (let row = 0; row < n; row++) {
    const share = positives[row]!;
    if (predicted[row] === 1) {
      truePositive += share;
      falsePositive += 1 - share;
    } else {
      falseNegative += share;
      trueNegative += 1 - share;
    }
    tiedOnes += share;
    tiedZeros += 1 - share;
    if (endsTie[row] === 0) continue;
    wins += tiedOnes * (zeros + tiedZeros / 2);
    zeros += tiedZeros;
    tiedOnes = 0;
    tiedZeros = 0;
  }
  const ones = truePositive + falseNegative;
  const ratio = (part: number, whole: number): number | undefined => (whole > 0 ? part / whole : undefined);
  return {
    confusion: { truePositive, falsePositive, trueNegative, falseNegative },
    metrics: {
      accuracy: ratio(truePositive + trueNegative, n),
      precision: ratio(truePositive, truePositive + falsePositive),
      recall: ratio(truePositive, ones),
      f1: ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative),
      auc: ratio(wins, ones * zeros),
    },
  };
}

const undefinedBecause: Readonly<Record<EstimatedName, string>> = {
  accuracy: 'there is no row',
  precision: 'no row was predicted positive',
  recall: 'no row is expected to be positive',
  f1: 'no row is expected to be positive, and none was predicted so',
  auc: 'all rows are expected to be of one class',
};

function estimated(
  metric: EstimatedName,
  value: number | undefined,
  errors: readonly number[],
  replicates: number,
  level: number,
): EstimatedMetric {
  const none = { low: null, high: null, standardError: null };
  if (value === undefined) return { metric, value: null, ...none, reason: undefinedBecause[metric] };
  if (replicates === 0) return { metric, value, ...none, reason: 'no interval was asked for' };
  if (errors.length < 2 || errors.length < replicates / 2)
    return { metric, value, ...none, reason: 'too few rows: most simulated labels do not have the figure' };
  const mean = errors.reduce((sum, one) => sum + one, 0) / errors.length;
  const squares = errors.reduce((sum, one) => sum + (one - mean) ** 2, 0);
  const { low, high } = percentileInterval(errors, level);
  return {
    metric,
    value,
    low: Math.max(0, value - high),
    high: Math.min(1, value - low),
    standardError: Math.sqrt(squares / (errors.length - 1)),
  };
}

function resampled(weights: Uint32Array, random: Random): Uint32Array {
  weights.fill(0);
  for (let draw = 0; draw < weights.length; draw++) weights[random.below(weights.length)]!++;
  return weights;
}

const fewReferenceRows = 500;

function notesOf({ probabilities }: LabelledScores, sortedScores: Float64Array): readonly string[] {
  const notes: string[] = [];
  if (probabilities.length < fewReferenceRows)
    notes.push(`the reference has fewer than ${fewReferenceRows} labelled rows: its calibration is rough`);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let row = 0; row < probabilities.length; row++) {
    least = Math.min(least, probabilities[row]!);
    most = Math.max(most, probabilities[row]!);
  }
  const beyond = sortedScores.filter((score) => score < least || score > most).length;
  if (beyond > 0.01 * sortedScores.length)
    notes.push(
      `${Math.round((100 * beyond) / sortedScores.length)} % of the rows have a probability beyond those of the reference: what it means is a guess`,
    );
  return notes;
}

function requireBothClasses(labels: ArrayLike<number>): void {
  for (let row = 1; row < labels.length; row++) if (labels[row] !== labels[0]) return;
  throw new StatisticsError('all rows of the reference are of one class: nothing can be calibrated on them');
}
