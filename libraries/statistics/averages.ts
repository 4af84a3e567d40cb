import { requireCount, requireRows, StatisticsError } from './error.ts';
import type { Statistic } from './statistic.ts';

type Column = ArrayLike<number>;

export type ClassFigure = 'precision' | 'recall' | 'f1';

/** `macro`: each class counts the same. `weighted`: a class counts by its true rows. */
export type Average = 'macro' | 'weighted';

/**
 * Precision, recall or F1 of each class against all others, averaged over the classes, as scikit-learn does: classes are
 * those that are true or were predicted in these rows, and a class of which there is nothing to divide by counts as 0.
 * Classes are whole numbers from 0.
 */
export function averagedStatistic(
  figure: ClassFigure,
  average: Average,
  predicted: Column,
  labels: Column,
): Statistic {
  const rows = requireRows({ predictions: predicted, labels });
  const classes = 1 + Math.max(highest('the prediction', predicted), highest('the label', labels));
  return (weights) => {
    const hits = new Float64Array(classes);
    const trueOnes = new Float64Array(classes);
    const predictedOnes = new Float64Array(classes);
    for (let row = 0; row < rows; row++) {
      const weight = weights[row]!;
      trueOnes[labels[row]!]! += weight;
      predictedOnes[predicted[row]!]! += weight;
      if (labels[row] === predicted[row]) hits[labels[row]!]! += weight;
    }
    let sum = 0;
    let whole = 0;
    for (let at = 0; at < classes; at++) {
      const [isTrue, isPredicted] = [trueOnes[at]!, predictedOnes[at]!];
      if (isTrue + isPredicted === 0) continue;
      const share = average === 'macro' ? 1 : isTrue;
      whole += share;
      sum += share * figureOf(figure, { hits: hits[at]!, isTrue, isPredicted });
    }
    return whole === 0 ? undefined : sum / whole;
  };
}

function figureOf(
  figure: ClassFigure,
  {
    hits,
    isTrue,
    isPredicted,
  }: { readonly hits: number; readonly isTrue: number; readonly isPredicted: number },
): number {
  if (figure === 'f1') return (2 * hits) / (isTrue + isPredicted);
  const whole = figure === 'precision' ? isPredicted : isTrue;
  return whole === 0 ? 0 : hits / whole;
}

const mostClasses = 10_000;

function highest(name: string, values: Column): number {
  let found = 0;
  for (let row = 0; row < values.length; row++) {
    requireCount(`${name} in row ${row + 1}`, values[row]!);
    found = Math.max(found, values[row]!);
  }
  if (found >= mostClasses) throw new StatisticsError(`there are more than ${mostClasses} classes`);
  return found;
}
