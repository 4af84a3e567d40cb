import { type Category, categories, type Question, type Strike } from './bird-strikes.ts';
import { type Encoding, encode, fitEncoding } from './encoding.ts';
import { type Ensemble, type Feature, type Parameters, predict, train } from './gradient-boosting.ts';

export interface Classifier {
  readonly encodings: Readonly<Record<Category, Encoding>>;
  readonly ensemble: Ensemble;
  /** From this probability on, a strike is labelled as damaging. */
  readonly threshold: number;
}

export interface ClassifierParameters extends Parameters {
  /** How many levels of a column count by themselves; the others count as one. */
  readonly levels: number;
}

/**
 * Learns from these strikes. The threshold is set so that as many of them are labelled damaging as were damaging:
 * damage is rare, and a threshold of one half would label next to none.
 */
export function fitClassifier(strikes: readonly Strike[], parameters: ClassifierParameters): Classifier {
  const target = Uint8Array.from(strikes, (strike) => Number(strike.damaged));
  const encodings = Object.fromEntries(
    categories.map((column) => {
      const levels = strikes.map((strike) => strike[column]);
      return [column, fitEncoding(levels, parameters.levels)];
    }),
  ) as Record<Category, Encoding>;
  const rows = strikes.map((strike) => featuresOf(encodings, strike));
  const features = rows[0]!.map((_, index): Feature => {
    const comparison = index < categories.length ? 'equal' : 'at most';
    return { comparison, values: Float32Array.from(rows, (row) => row[index]!) };
  });
  const ensemble = train(features, target, parameters);
  const descending = rows.map((row) => predict(ensemble, row)).sort((a, b) => b - a);
  const positives = target.reduce((sum, value) => sum + value, 0);
  return { encodings, ensemble, threshold: Math.fround(descending[positives - 1]!) };
}

/** The probability of damage, as the exported model gives it up to the rounding of 32-bit floats. */
export function probabilityOf(classifier: Classifier, question: Question): number {
  return predict(classifier.ensemble, featuresOf(classifier.encodings, question));
}

/** 1 for a strike that is likely enough to have damaged the aircraft, else 0. */
export function labelOf(classifier: Classifier, question: Question): 0 | 1 {
  return Math.fround(probabilityOf(classifier, question)) >= classifier.threshold ? 1 : 0;
}

/** Category codes in the order of `categories`, then the speed: the order in which the graph joins its inputs. */
function featuresOf(encodings: Classifier['encodings'], question: Question): number[] {
  return [
    ...categories.map((column) => encode(encodings[column], question[column])),
    Math.fround(question.speed_knots),
  ];
}
