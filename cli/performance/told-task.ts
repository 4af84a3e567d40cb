import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { type Task, unnamed } from '../../libraries/statistics/performance/index.ts';
import { predictionsUnusable, usageError } from '../errors.ts';
import type { FileColumn } from './prediction-file.ts';

/** What the columns of labels and predictions hold, and how to read them. */
export type ToldTask =
  | {
      readonly task: 'binary';
      /** Labels that count as 1, in words: one label, or all but one. */
      readonly positive: string;
      readonly isPositive: (label: string) => boolean;
      /** Absent where labels were predicted, not probabilities. */
      readonly threshold?: number;
    }
  | { readonly task: 'multiclass' }
  | { readonly task: 'regression' };

export interface TaskOptions {
  readonly task?: Task;
  readonly positive?: string;
  /** All other labels count as 1. */
  readonly negative?: string;
  readonly threshold?: number;
}

/** What people write for label 1. */
const positives = ['1', 'true', 'yes', 'y', 'positive'];

/** By what stands there, where no flag says it: `labels` are those of the file that has them. */
export function toldTask(
  options: TaskOptions,
  labels: FileColumn,
  predictions: FileColumn,
  path: string,
): ToldTask {
  const { positive, negative, threshold = 0.5 } = options;
  const isTold = positive !== undefined || negative !== undefined;
  const task = options.task ?? (isTold ? 'binary' : taskOf(labels, predictions));
  if (task !== 'binary') return { task };
  const { names } = labels;
  const counts = positiveLabels(options, names);
  if (predictions.names.every((name) => names.includes(name))) return { task, ...counts };
  if (isText(predictions))
    throw predictionsUnusable(
      path,
      `predictions are ${shown(predictions.names)}, labels ${shown(names)}: neither probabilities nor labels`,
      'Name a column of probabilities, or one with the same words as the labels.',
    );
  return { task, ...counts, threshold };
}

function positiveLabels(
  { positive, negative }: TaskOptions,
  names: readonly string[],
): { readonly positive: string; readonly isPositive: (label: string) => boolean } {
  for (const told of [positive, negative]) {
    // A file of one label may lack the other by chance.
    if (told === undefined || names.includes(told) || names.length < 2) continue;
    throw usageError(
      `no label is ${JSON.stringify(told)}`,
      didYouMean(told, names) ?? `Labels: ${shown(names)}.`,
    );
  }
  if (negative !== undefined)
    return { positive: `all but ${negative}`, isPositive: (label) => label !== negative };
  const chosen = positive ?? names.find((name) => positives.includes(name.toLowerCase()));
  if (chosen !== undefined) return { positive: chosen, isPositive: (label) => label === chosen };
  if (names.every((name) => name === '0')) return { positive: '1', isPositive: (label) => label === '1' };
  throw usageError(
    `the labels are ${shown(names)}: which of them the probability is of is not known`,
    `Say it with --positive, as --positive ${JSON.stringify(names[0] ?? '')}, or with --negative.`,
  );
}

function taskOf(labels: FileColumn, predictions: FileColumn): Task {
  if (labels.names.length <= 2 && !isText(predictions) && isShare(predictions)) return 'binary';
  if (labels.names.length <= 2 && predictions.names.every((name) => labels.names.includes(name)))
    return 'binary';
  return isText(labels) || isText(predictions) ? 'multiclass' : 'regression';
}

function isShare({ numbers }: FileColumn): boolean {
  return numbers.every((value) => Number.isNaN(value) || (value >= 0 && value <= 1));
}

/** Whether something stands there that is no number. */
export function isText({ numbers, codes }: FileColumn): boolean {
  return codes.some((code, row) => (code >= 0 || code === unnamed) && Number.isNaN(numbers[row]));
}

function shown(names: readonly string[]): string {
  const some = names.slice(0, 5).map((name) => JSON.stringify(name));
  return `${some.join(', ')}${names.length > 5 ? ', …' : ''}` || 'none';
}
