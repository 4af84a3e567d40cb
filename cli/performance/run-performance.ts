import { resolve } from 'node:path';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { StatisticsError } from '../../libraries/statistics/index.ts';
import {
  type MetricName,
  metricNames,
  metricsOf,
  type Task,
} from '../../libraries/statistics/performance/index.ts';
import { predictionsUnusable, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { numberOf, wholeNumberOf } from '../number-flag.ts';
import { performanceTable } from '../output/performance-table.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { writeOver } from '../whole-file.ts';
import { type PerformanceReport, type Predictions, reportOf } from './performance-report.ts';
import { type FileColumn, readPredictionFile } from './prediction-file.ts';
import { type ToldTask, toldTask } from './told-task.ts';

export interface PerformanceOptions {
  readonly label: string;
  readonly prediction: string;
  readonly positive?: string;
  readonly negative?: string;
  readonly threshold?: string;
  readonly task?: Task;
  readonly metrics?: string;
  readonly slice?: readonly string[];
  readonly reference?: string;
  readonly replicates?: string;
  readonly seed?: string;
  readonly output: 'table' | 'json';
  readonly out?: string;
}

/** Measures the predictions in a file, prints what came of it, and answers the status to exit with. */
export async function runPerformance(
  file: string,
  options: PerformanceOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.positive !== undefined && options.negative !== undefined)
    throw usageError('--positive and --negative were both given', 'Name one of them.');
  const threshold = numberOf('--threshold', options.threshold, { least: 0, most: 1, command: 'performance' });
  const replicates = wholeNumberOf('--replicates', options.replicates, {
    least: 0,
    most: 100_000,
    command: 'performance',
  });
  const seed =
    wholeNumberOf('--seed', options.seed, { least: 0, most: 2 ** 32 - 1, command: 'performance' }) ?? 1;
  const slices = options.slice ?? [];
  const current = await predictionsIn(file, options, slices, terminal);
  const reference =
    options.reference === undefined
      ? undefined
      : await predictionsIn(options.reference, options, [], terminal);
  const whole = reference ?? current;
  if (whole.labels === undefined)
    throw usageError(
      `${whole.file} has no column '${options.label}'`,
      'Name the column of labels with --label; without labels, name labelled predictions with --reference.',
    );
  const told = toldTask(
    {
      ...(options.task && { task: options.task }),
      ...(options.positive !== undefined && { positive: options.positive }),
      ...(options.negative !== undefined && { negative: options.negative }),
      ...(threshold !== undefined && { threshold }),
    },
    whole.labels,
    whole.predictions,
    whole.path,
  );
  if (reference !== undefined) requireProbabilities(told, reference.path);
  const metrics = metricsNamed(options.metrics, told.task);
  const about = { label: options.label, prediction: options.prediction, told, seed, metrics, replicates };
  const report = await refused(
    current.path,
    withProgress(terminal, `measuring ${file}`, reportOf(current, reference, about, terminal.signal)),
  );
  const shown =
    options.output === 'json' ? structured(report, 'json') : performanceTable(report, metrics, terminal);
  if (options.out === undefined) terminal.out(shown);
  else await writeOver(resolve(terminal.folder, options.out), shown);
  return exitCodes.success;
}

async function predictionsIn(
  file: string,
  { label, prediction }: PerformanceOptions,
  slices: readonly string[],
  terminal: Terminal,
): Promise<Predictions> {
  const path = resolve(terminal.folder, file);
  const columns = await readPredictionFile(file, [label, prediction, ...slices], terminal);
  const column = (name: string): FileColumn => {
    const found = columns.get(name);
    if (found !== undefined) return found;
    throw usageError(`${file} has no column '${name}'`, 'Name columns as the header of the file does.');
  };
  const predictions = column(prediction);
  if (predictions.codes.length === 0)
    throw predictionsUnusable(path, 'there is no row', 'Name a file that holds predictions.');
  return {
    file,
    path,
    predictions,
    labels: columns.get(label),
    slices: new Map(slices.map((name) => [name, column(name)])),
  };
}

function metricsNamed(words: string | undefined, task: Task): readonly MetricName[] | undefined {
  return words?.split(',').map((word) => {
    const name = word.trim().toLowerCase();
    const known = Object.keys(metricsOf[task]) as MetricName[];
    const found = known.find((one) => one === name);
    if (found !== undefined) return found;
    throw usageError(
      metricNames.some((one) => one === name)
        ? `${name} is not a metric of a ${task} prediction`
        : `there is no metric called '${word}'`,
      didYouMean(name, known) ?? `Metrics: ${known.join(', ')}.`,
    );
  });
}

function requireProbabilities(told: ToldTask, path: string): void {
  if (told.task === 'binary' && told.threshold !== undefined) return;
  throw predictionsUnusable(
    path,
    'without labels only figures of probabilities can be estimated, and the predictions are none',
    'Name a column of probabilities, or leave out --reference.',
  );
}

async function refused(path: string, work: Promise<PerformanceReport>): Promise<PerformanceReport> {
  try {
    return await work;
  } catch (thrown) {
    if (thrown instanceof StatisticsError)
      throw predictionsUnusable(path, thrown.message, 'See docs/performance.md for what a figure needs.');
    throw thrown;
  }
}
