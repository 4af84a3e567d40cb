/** Whether probabilities mean what they say: of the rows that got 0.3, are 30 % positive? */
import { requireProbabilities } from './classification.ts';
import { StatisticsError } from './error.ts';
import { normalQuantile } from './normal.ts';
import { ofAll, type Statistic } from './statistic.ts';

type Column = ArrayLike<number>;

/** Rows whose probability lies above `from` and up to `to` (the first bin holds 0 too), as scikit-learn's calibration_curve. */
export interface ReliabilityBin {
  readonly from: number;
  readonly to: number;
  readonly n: number;
  readonly meanProbability: number;
  /** The share of these rows that is positive, and its interval by Wilson (JASA 22, 1927). */
  readonly positive: number;
  readonly low: number;
  readonly high: number;
}

/** Bins of equal width that hold a row. */
export function reliabilityBins(
  probabilities: Column,
  labels: Column,
  { bins = 10, level = 0.95 }: { readonly bins?: number; readonly level?: number } = {},
): readonly ReliabilityBin[] {
  const rows = requireProbabilities(probabilities, labels);
  const place = binsOf(probabilities, bins);
  const sums = sumsOf(place, probabilities, labels, new Uint8Array(rows).fill(1), bins);
  return Array.from({ length: bins }, (_, bin) => bin)
    .filter((bin) => sums.count[bin]! > 0)
    .map((bin) => {
      const n = sums.count[bin]!;
      const positive = sums.positive[bin]! / n;
      const range = { from: bin / bins, to: (bin + 1) / bins };
      return { ...range, n, meanProbability: sums.sum[bin]! / n, positive, ...wilson(positive, n, level) };
    });
}

/**
 * Expected calibration error: by how much probability and share of positive rows differ in a bin, on average over the rows
 * (Naeini, Cooper, Hauskrecht, AAAI 2015; ten bins of equal width). Never below 0, so a well calibrated model has some too.
 */
export function expectedCalibrationError(probabilities: Column, labels: Column, bins = 10): number {
  const statistic = expectedCalibrationErrorStatistic(probabilities, labels, bins);
  return ofAll(probabilities.length, statistic, 'there is no row');
}

export function expectedCalibrationErrorStatistic(
  probabilities: Column,
  labels: Column,
  bins = 10,
): Statistic {
  requireProbabilities(probabilities, labels);
  const place = binsOf(probabilities, bins);
  return (weights) => {
    const { count, sum, positive } = sumsOf(place, probabilities, labels, weights, bins);
    let difference = 0;
    let rows = 0;
    for (let bin = 0; bin < bins; bin++) {
      difference += Math.abs(sum[bin]! - positive[bin]!);
      rows += count[bin]!;
    }
    return rows === 0 ? undefined : difference / rows;
  };
}

/**
 * The slope of a logistic regression of the label on the log odds that were predicted (Cox, Biometrika 45, 1958): 1 is
 * right; below 1 the probabilities are too extreme, above 1 too timid. Undefined where the probabilities do not vary, or
 * tell the classes apart without an error.
 */
export function calibrationSlopeStatistic(probabilities: Column, labels: Column): Statistic {
  return logisticFit(logOdds(probabilities, labels), labels, true);
}

/**
 * By how much the log odds are too low on average (calibration in the large): the intercept of that regression with the slope held at
 * 1. 0 is right; above 0 more rows are positive than was predicted.
 */
export function calibrationInterceptStatistic(probabilities: Column, labels: Column): Statistic {
  return logisticFit(logOdds(probabilities, labels), labels, false);
}

/** Nearer to 0 or 1 a probability is taken as this near: a single certain row would outweigh all others. */
const nearest = 1e-6;

function logOdds(probabilities: Column, labels: Column): Float64Array {
  requireProbabilities(probabilities, labels);
  return Float64Array.from(probabilities, (probability) => {
    const kept = Math.min(1 - nearest, Math.max(nearest, probability));
    return Math.log(kept / (1 - kept));
  });
}

/** Newton's method on the likelihood. Answers the slope, or the intercept with the slope held at 1. */
function logisticFit(odds: Float64Array, labels: Column, withSlope: boolean): Statistic {
  return (weights) => {
    if (!hasBothClasses(labels, weights)) return undefined;
    let intercept = 0;
    let slope = 1;
    for (let step = 0; step < 50; step++) {
      let [gradient, gradientSlope, curve, cross, curveSlope] = [0, 0, 0, 0, 0];
      for (let row = 0; row < odds.length; row++) {
        const weight = weights[row]!;
        if (weight === 0) continue;
        const x = odds[row]!;
        const p = 1 / (1 + Math.exp(-(intercept + slope * x)));
        const error = weight * (labels[row]! - p);
        const spread = weight * p * (1 - p);
        gradient += error;
        gradientSlope += error * x;
        curve += spread;
        cross += spread * x;
        curveSlope += spread * x * x;
      }
      let moves = [gradient / curve, 0];
      if (withSlope) {
        const determinant = curve * curveSlope - cross ** 2;
        if (!(determinant > 1e-10 * curve * curveSlope)) return undefined;
        moves = [
          (curveSlope * gradient - cross * gradientSlope) / determinant,
          (curve * gradientSlope - cross * gradient) / determinant,
        ];
      }
      // A long first step may overshoot where the probabilities are far off.
      const length = Math.max(Math.abs(moves[0]!), Math.abs(moves[1]!));
      const scale = length > 5 ? 5 / length : 1;
      intercept += scale * moves[0]!;
      slope += scale * moves[1]!;
      if (!Number.isFinite(intercept) || !Number.isFinite(slope) || Math.abs(slope) > 1000) return undefined;
      if (length < 1e-9) return withSlope ? slope : intercept;
    }
    return undefined;
  };
}

function hasBothClasses(labels: Column, weights: ArrayLike<number>): boolean {
  let [zeros, ones] = [false, false];
  for (let row = 0; row < labels.length && !(zeros && ones); row++) {
    if (weights[row] === 0) continue;
    if (labels[row] === 1) ones = true;
    else zeros = true;
  }
  return zeros && ones;
}

function binsOf(probabilities: Column, bins: number): Uint16Array {
  if (!(bins >= 1 && bins <= 1000)) throw new StatisticsError(`${bins} bins: not a number from 1 to 1000`);
  return Uint16Array.from(probabilities, (probability) => {
    let bin = Math.min(bins - 1, Math.floor(probability * bins));
    // What stands on an edge belongs below it; rounding must not decide.
    if (bin > 0 && probability <= bin / bins) bin--;
    else if (bin + 1 < bins && probability > (bin + 1) / bins) bin++;
    return bin;
  });
}

function sumsOf(
  place: Uint16Array,
  probabilities: Column,
  labels: Column,
  weights: ArrayLike<number>,
  bins: number,
): { count: Float64Array; sum: Float64Array; positive: Float64Array } {
  const count = new Float64Array(bins);
  const sum = new Float64Array(bins);
  const positive = new Float64Array(bins);
  for (let row = 0; row < place.length; row++) {
    const weight = weights[row]!;
    const bin = place[row]!;
    count[bin]! += weight;
    sum[bin]! += weight * probabilities[row]!;
    positive[bin]! += weight * labels[row]!;
  }
  return { count, sum, positive };
}

function wilson(share: number, n: number, level: number): { low: number; high: number } {
  const z = normalQuantile(1 - (1 - level) / 2);
  const middle = (share + z ** 2 / (2 * n)) / (1 + z ** 2 / n);
  const half = (z / (1 + z ** 2 / n)) * Math.sqrt((share * (1 - share)) / n + z ** 2 / (4 * n ** 2));
  return { low: Math.max(0, middle - half), high: Math.min(1, middle + half) };
}
