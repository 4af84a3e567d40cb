import { auc } from '../auc.ts';
import type { Random } from '../random.ts';
import { isotonicFitter } from './isotonic.ts';
import type { LabelledScores } from './rows.ts';

const folds = 10;
const bins = 10;

/**
 * Whether isotonic calibration is worth it: each row is held out once, and the expected calibration error (bins of as many
 * rows each) of those rows is compared without and with it. Never where the classes hardly overlap: there is nothing to
 * learn, and a fit would make every probability 0 or 1.
 */
export function calibrationHelps(
  { probabilities, labels }: LabelledScores,
  random: Random,
): { readonly calibrated: boolean; readonly calibrationError: { before: number; after: number } | null } {
  const rows = labels.length;
  if (rows < 2 * bins || auc(probabilities, labels) > 0.999)
    return { calibrated: false, calibrationError: null };
  const fold = stratifiedFolds(labels, random);
  const calibrated = new Float64Array(rows);
  const fitted = isotonicFitter(probabilities, labels);
  const weights = new Uint8Array(rows);
  for (let out = 0; out < folds; out++) {
    for (let row = 0; row < rows; row++) weights[row] = fold[row] === out ? 0 : 1;
    const held = Uint32Array.from({ length: rows }, (_, row) => row)
      .filter((row) => fold[row] === out)
      .sort((one, other) => probabilities[one]! - probabilities[other]!);
    const answers = fitted(weights).calibrate(Float64Array.from(held, (row) => probabilities[row]!));
    for (const [at, row] of held.entries()) calibrated[row] = answers[at]!;
  }
  const before = errorInEqualBins(probabilities, labels);
  const after = errorInEqualBins(calibrated, labels);
  return { calibrated: after < before, calibrationError: { before, after } };
}

function stratifiedFolds(labels: ArrayLike<number>, random: Random): Uint8Array {
  const fold = new Uint8Array(labels.length);
  for (const label of [0, 1]) {
    const places = Array.from({ length: labels.length }, (_, row) => row).filter(
      (row) => labels[row] === label,
    );
    for (let at = places.length - 1; at > 0; at--) {
      const other = random.below(at + 1);
      [places[at], places[other]] = [places[other]!, places[at]!];
    }
    for (const [at, row] of places.entries()) fold[row] = at % folds;
  }
  return fold;
}

function errorInEqualBins(probabilities: ArrayLike<number>, labels: ArrayLike<number>): number {
  const rows = labels.length;
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (one, other) => probabilities[one]! - probabilities[other]! || one - other,
  );
  let error = 0;
  for (let bin = 0; bin < bins; bin++) {
    let difference = 0;
    for (let at = Math.floor((bin * rows) / bins); at < Math.floor(((bin + 1) * rows) / bins); at++)
      difference += probabilities[order[at]!]! - labels[order[at]!]!;
    error += Math.abs(difference);
  }
  return error / rows;
}
