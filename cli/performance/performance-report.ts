import { breather } from '../../libraries/breather/index.ts';
import {
  type ConfidenceEstimate,
  chosenRows,
  estimatePerformance,
  type LabelledScores,
  type Measured,
  type MetricName,
  measure,
  missing,
  slicesOf,
} from '../../libraries/statistics/performance/index.ts';
import { predictionsUnusable } from '../errors.ts';
import { labelledRows, type Scored, scoredRows } from './predicted-rows.ts';
import type { FileColumn } from './prediction-file.ts';
import type { ToldTask } from './told-task.ts';

/** The columns of a file of predictions. */
export interface Predictions {
  readonly file: string;
  readonly path: string;
  readonly predictions: FileColumn;
  readonly labels: FileColumn | undefined;
  readonly slices: ReadonlyMap<string, FileColumn>;
}

export interface ReportOptions {
  readonly label: string;
  readonly prediction: string;
  readonly told: ToldTask;
  readonly seed: number;
  readonly metrics: readonly MetricName[] | undefined;
  readonly replicates: number | undefined;
}

export interface SliceReport {
  readonly column: string;
  readonly slice: string;
  readonly measured: Measured | null;
  readonly estimated: ConfidenceEstimate | null;
}

export interface PerformanceReport {
  readonly file: string;
  readonly label: string;
  readonly prediction: string;
  readonly task: ToldTask['task'];
  /** Of a binary prediction. */
  readonly positive: string | null;
  /** Of probabilities. */
  readonly threshold: number | null;
  readonly rows: {
    readonly total: number;
    readonly withoutPrediction: number;
    readonly withoutLabel: number;
  };
  readonly bootstrap: { readonly replicates: number; readonly level: number; readonly seed: number };
  /** Of the rows with a label; null where none has one. */
  readonly measured: Measured | null;
  /** Of all rows, from the reference; null without one. */
  readonly estimated: (ConfidenceEstimate & { readonly reference: string }) | null;
  readonly slices: readonly SliceReport[];
}

const level = 0.95;

/** What the predictions of a file are worth: measured where there are labels, estimated where there is a reference. */
export async function reportOf(
  current: Predictions,
  reference: Predictions | undefined,
  { label, prediction, told, seed, metrics, replicates: asked }: ReportOptions,
  signal: AbortSignal,
): Promise<PerformanceReport> {
  const { path, predictions, labels } = current;
  const total = predictions.codes.length;
  const replicates = asked ?? replicatesFor(total);
  const options = { seed, level, replicates };
  const pause = breather(signal);
  const inTurns = async <Result>(steps: Generator<undefined, Result>): Promise<Result> => {
    for (;;) {
      const step = steps.next();
      if (step.done === true) return step.value;
      await pause();
    }
  };

  const labelled = labels === undefined ? undefined : labelledRows(told, labels, predictions, path);
  const isLabelled = labelled !== undefined && labelled.places.length > 0;
  if (!isLabelled && reference === undefined)
    throw predictionsUnusable(
      path,
      `no row has a label in '${label}' and a prediction`,
      'Name labelled predictions with --reference to estimate without labels.',
    );
  const scored = scoredRows(told, predictions, path);
  const known = reference === undefined ? undefined : labelledScores(told, reference);
  const measureOptions = { ...options, ...(metrics && { metrics }) };
  const measured = isLabelled ? await inTurns(measure(labelled.rows, measureOptions)) : null;
  const estimate = async (chosen: Scored): Promise<ConfidenceEstimate | null> =>
    known === undefined || chosen.probabilities === undefined || chosen.places.length === 0
      ? null
      : inTurns(
          estimatePerformance(
            known,
            { probabilities: chosen.probabilities, predicted: chosen.predicted },
            options,
          ),
        );
  const estimated = await estimate(scored);

  const slices: SliceReport[] = [];
  for (const [column, values] of current.slices) {
    const { names, of } = slicesOf(values);
    for (const [slice, name] of names.entries()) {
      const inSlice = (places: Uint32Array): number[] =>
        [...places.keys()].filter((at) => of[places[at]!] === slice);
      const chosen = labelled === undefined ? [] : inSlice(labelled.places);
      const scoredPlaces = inSlice(scored.places);
      if (scoredPlaces.length === 0) continue;
      slices.push({
        column,
        slice: name,
        measured:
          chosen.length === 0 || labelled === undefined
            ? null
            : await inTurns(measure(chosenRows(labelled.rows, chosen), measureOptions)),
        estimated: await estimate(chosenScores(scored, scoredPlaces)),
      });
    }
  }
  return {
    file: current.file,
    label,
    prediction,
    task: told.task,
    positive: told.task === 'binary' ? told.positive : null,
    threshold: told.task === 'binary' ? (told.threshold ?? null) : null,
    rows: {
      total,
      withoutPrediction: predictions.codes.filter((code) => code === missing).length,
      withoutLabel: labels === undefined ? total : labels.codes.filter((code) => code === missing).length,
    },
    bootstrap: { replicates, level, seed },
    measured,
    estimated: estimated === null ? null : { reference: reference?.file ?? '', ...estimated },
    slices,
  };
}

/** Samples cost time by the row: of many rows, fewer are enough to see how sure a figure is. */
function replicatesFor(rows: number): number {
  return Math.max(200, Math.min(1000, Math.floor(5e7 / Math.max(1, rows))));
}

function labelledScores(told: ToldTask, { labels, predictions, path }: Predictions): LabelledScores {
  if (labels === undefined) throw new TypeError('a reference without labels got this far');
  const { rows } = labelledRows(told, labels, predictions, path);
  if (rows.task === 'binary' && rows.probabilities !== undefined && rows.labels.length > 0)
    return { probabilities: rows.probabilities, labels: rows.labels };
  throw predictionsUnusable(
    path,
    'no row of the reference has a label and a probability',
    'Name predictions with labels.',
  );
}

function chosenScores({ places, predicted, probabilities }: Scored, at: readonly number[]): Scored {
  return {
    places: Uint32Array.from(at, (one) => places[one]!),
    predicted: Float64Array.from(at, (one) => predicted[one]!),
    ...(probabilities && { probabilities: Float64Array.from(at, (one) => probabilities[one]!) }),
  };
}
