import { missing, type PredictedRows, unnamed } from '../../libraries/statistics/performance/index.ts';
import { predictionsUnusable } from '../errors.ts';
import type { FileColumn } from './prediction-file.ts';
import type { ToldTask } from './told-task.ts';

/** What was predicted in some rows of a file. */
export interface Scored {
  /** Where in the file each row stands. */
  readonly places: Uint32Array;
  readonly predicted: Float64Array;
  readonly probabilities?: Float64Array;
}

/** Rows with a prediction, of those that `isMeant` names by their place. */
export function scoredRows(
  told: ToldTask,
  predictions: FileColumn,
  path: string,
  isMeant: (row: number) => boolean = () => true,
): Scored {
  const places = Uint32Array.from(predictions.codes.keys()).filter(
    (row) => predictions.codes[row] !== missing && isMeant(row),
  );
  if (told.task === 'multiclass')
    return { places, predicted: Float64Array.from(places, (row) => classOf(predictions, row, path)) };
  if (told.task === 'binary' && told.threshold === undefined) {
    return { places, predicted: zerosAndOnes(told.isPositive, predictions, places) };
  }
  const values = Float64Array.from(places, (row) => numberAt(predictions, row, 'prediction', path));
  if (told.task === 'regression') return { places, predicted: values };
  for (const [at, value] of values.entries()) {
    if (value >= 0 && value <= 1) continue;
    throw predictionsUnusable(
      path,
      `the prediction in row ${places[at]! + 1} is ${value}, not a probability`,
      'Name the column of probabilities, or say --task regression.',
    );
  }
  const { threshold = 0.5 } = told;
  return { places, predicted: values.map((value) => Number(value >= threshold)), probabilities: values };
}

/** The same with what was true; only rows that have a label. */
export function labelledRows(
  told: ToldTask,
  labels: FileColumn,
  predictions: FileColumn,
  path: string,
): { readonly places: Uint32Array; readonly rows: PredictedRows } {
  const { places, predicted, probabilities } = scoredRows(
    told,
    predictions,
    path,
    (row) => labels.codes[row] !== missing,
  );
  if (told.task === 'regression')
    return {
      places,
      rows: {
        task: 'regression',
        predicted,
        labels: Float64Array.from(places, (row) => numberAt(labels, row, 'label', path)),
      },
    };
  if (told.task === 'multiclass') {
    // Labels and predictions are numbered each by itself.
    const numbers = new Map(predictions.names.map((name, code) => [name, code]));
    const numberOf = labels.names.map((name) => {
      const known = numbers.get(name) ?? numbers.size;
      numbers.set(name, known);
      return known;
    });
    const classes = Float64Array.from(places, (row) => numberOf[classOf(labels, row, path)]!);
    return { places, rows: { task: 'multiclass', predicted, labels: classes } };
  }
  const truth = zerosAndOnes(told.isPositive, labels, places);
  return {
    places,
    rows: { task: 'binary', labels: truth, predicted, ...(probabilities && { probabilities }) },
  };
}

function zerosAndOnes(
  isPositive: (label: string) => boolean,
  { codes, names }: FileColumn,
  places: Uint32Array,
): Float64Array {
  const values = names.map((name) => Number(isPositive(name)));
  return Float64Array.from(places, (row) => values[codes[row]!] ?? 0);
}

function numberAt({ numbers, codes, names }: FileColumn, row: number, what: string, path: string): number {
  const value = numbers[row]!;
  if (!Number.isNaN(value)) return value;
  const text = names[codes[row]!];
  throw predictionsUnusable(
    path,
    `the ${what} in row ${row + 1} is ${text === undefined ? 'a text' : JSON.stringify(text)}, not a finite number`,
    'Name a column of numbers, or leave that value out.',
  );
}

function classOf({ codes, names }: FileColumn, row: number, path: string): number {
  const code = codes[row]!;
  if (code !== unnamed) return code;
  throw predictionsUnusable(
    path,
    `there are more than ${names.length} classes`,
    'Name a column of classes; for numbers say --task regression.',
  );
}
