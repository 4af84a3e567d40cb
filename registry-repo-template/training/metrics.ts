import { isBetween, isHeldOut, type Strike } from './bird-strikes.ts';
import { type Classifier, labelOf, probabilityOf } from './classifier.ts';
import { aucEstimate, aucGain, type Estimate } from './evaluation.ts';
import { bootstrap, laterYears, type Recipe } from './recipes.ts';

export interface Metric {
  readonly name: string;
  readonly slice: string;
  readonly value: number;
  readonly interval?: Estimate['interval'];
}

/** Measures a version, and its gain over its parent where it has one, on strikes that trained neither. */
export function measure(
  recipe: Recipe,
  classifier: Classifier,
  strikes: readonly Strike[],
  parent?: Classifier,
): Metric[] {
  const [first, last] = recipe.years;
  const slices = [
    {
      slice: `${first}-${last}, held out`,
      rows: strikes.filter((row) => isBetween(row, recipe.years) && isHeldOut(row)),
    },
    { slice: laterYears.join('-'), rows: strikes.filter((row) => isBetween(row, laterYears)) },
  ];
  return slices.flatMap(({ slice, rows }) => {
    const target = Uint8Array.from(rows, (row) => Number(row.damaged));
    const scores = rows.map((row) => probabilityOf(classifier, row));
    const metrics: Metric[] = [{ name: 'auc', slice, ...aucEstimate(scores, target, bootstrap) }];
    if (parent) {
      const others = rows.map((row) => probabilityOf(parent, row));
      metrics.push({
        name: `auc-gain-over-${recipe.parent}`,
        slice,
        ...aucGain(scores, others, target, bootstrap),
      });
    }
    return [...metrics, ...labelMetrics(slice, rows, classifier)];
  });
}

/** Precision: how many of those labelled damaging were so. Recall: how many of the damaging were labelled so. */
function labelMetrics(slice: string, rows: readonly Strike[], classifier: Classifier): Metric[] {
  const labelled = rows.filter((row) => labelOf(classifier, row) === 1);
  const hits = labelled.filter((row) => row.damaged).length;
  return [
    { name: 'precision', slice, value: hits / labelled.length },
    { name: 'recall', slice, value: hits / rows.filter((row) => row.damaged).length },
  ];
}
