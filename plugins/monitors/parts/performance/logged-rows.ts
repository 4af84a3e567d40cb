/** What was predicted and what was true, out of the prediction log. */
import type { LogAnswer } from '../../../../core/capabilities/prediction-sink.ts';
import type { ModelSpec } from '../../../../schemas/generated/model.ts';
import type { MonitorSpec } from '../../../../schemas/generated/monitor.ts';
import { pointerTo, sqlText } from '../../log-sql.ts';
import type { Target } from '../../target.ts';

type PerformanceSpec = NonNullable<MonitorSpec['performance']>;
type Evaluation = NonNullable<ModelSpec['evaluation']>;
type Place = { readonly output: string; readonly index?: number };

export type PerformanceTask = 'binary' | 'multiclass' | 'regression';

/** How a row is read: which outputs say what, and which labels mean yes. */
export interface Reading {
  readonly task: PerformanceTask;
  readonly prediction: Place | undefined;
  readonly score: Place | undefined;
  /** Absent: as the model predicts itself. */
  readonly threshold: number | undefined;
  readonly label: Evaluation['label'] | undefined;
  readonly slices: readonly (NonNullable<PerformanceSpec['slices']>[number] & {
    /** What stands for a value that is missing. */
    readonly missing?: string;
  })[];
}

/** Rows as columns. A label is null where there is none. */
export interface LoggedRows {
  readonly labels: readonly (number | string | null)[];
  readonly predicted: readonly (number | string)[];
  /** As many as rows, or none. */
  readonly probabilities: readonly number[];
  /**
   * The values of inputs, row by row. Where `asked` says which count, null where it is none of them; else null where there is none, and
   * they are sliced as those of a file are.
   */
  readonly slices: readonly {
    readonly input: string;
    readonly asked: boolean;
    readonly values: readonly (string | null)[];
  }[];
  /** Rows that could not be read: a redacted output, a label that is no number. */
  readonly unfit: number;
}

export interface RowsAsked {
  readonly from: number;
  readonly to: number;
  /** `labelled`: only rows with a label. */
  readonly view: 'labelled' | 'predictions';
}

export function readingOf(
  { metrics, threshold, slices = [] }: PerformanceSpec,
  { evaluation, columns }: Target,
): Reading {
  const task = taskOf(metrics.map(({ name }) => name));
  const outputs = columns.filter(({ of }) => of === 'output').map(({ field }) => field);
  const only = outputs.length === 1 ? { output: outputs[0]! } : undefined;
  const { score, prediction, label } = evaluation ?? {};
  return {
    task,
    score: score ?? (task === 'binary' ? only : undefined),
    prediction: prediction ?? (task === 'binary' ? undefined : only),
    threshold: threshold ?? (prediction === undefined ? 0.5 : undefined),
    label,
    slices: slices.map((slice) => {
      const missing = columns.find(({ of, field }) => of === 'input' && field === slice.input)?.missing;
      return { ...slice, ...(missing === undefined ? {} : { missing }) };
    }),
  };
}

const ofNumbers = new Set(['mae', 'rmse', 'mape', 'r2']);

/** By the first metric; that the others are of the same sort is checked with the manifest. `accuracy` alone is of two classes. */
export function taskOf(names: readonly string[]): PerformanceTask {
  if (names.some((name) => ofNumbers.has(name))) return 'regression';
  return names.some((name) => /-(macro|weighted)$/.test(name)) ? 'multiclass' : 'binary';
}

/** The newest rows of that time, outputs and slices as JSON. What only shadows answered never counts. */
export function rowsSql({ environment, deployment }: Target, reading: Reading, asked: RowsAsked): string {
  const { view, from, to } = asked;
  const json = (column: string, name: string) => `${column}->${sqlText(pointerTo(name))}`;
  const fields = [
    view === 'labelled' ? 'label' : 'NULL',
    reading.prediction === undefined ? 'NULL' : json('outputs', reading.prediction.output),
    reading.score === undefined ? 'NULL' : json('outputs', reading.score.output),
    ...reading.slices.map(({ input }) => json('inputs', input)),
  ];
  // The date stands in the path of a file: files of other days are not opened.
  const days = [from, to].map((time) => `DATE ${sqlText(new Date(time).toISOString().slice(0, 10))}`);
  return `SELECT ${fields.map((field, index) => `${field} AS c${index}`).join(', ')} FROM ${view}
    WHERE environment = ${sqlText(environment)} AND deployment = ${sqlText(deployment)} AND variant <> 'shadow'
      AND date BETWEEN ${days[0]} AND ${days[1]}
      AND time >= make_timestamp(${Math.round(from * 1000)}::BIGINT) AND time < make_timestamp(${Math.round(to * 1000)}::BIGINT)
    ORDER BY time DESC, id, row`;
}

export function readRows(answer: LogAnswer, reading: Reading): LoggedRows {
  const { task, prediction, score, threshold, slices } = reading;
  const labels: (number | string | null)[] = [];
  const predicted: (number | string)[] = [];
  const probabilities: number[] = [];
  const columns = slices.map(({ input, values: asked, missing }) => ({
    input,
    missing,
    asked: asked && new Set(asked.map(String)),
    values: [] as (string | null)[],
  }));
  let unfit = 0;
  for (const [told, said, scored, ...cells] of answer.rows) {
    const label = told === null ? null : labelOf(told, reading);
    const probability = score === undefined ? undefined : numberOf(valueAt(scored, score));
    const own = prediction === undefined ? undefined : valueAt(said, prediction);
    const found =
      task === 'binary'
        ? threshold !== undefined && probability !== undefined
          ? Number(probability >= threshold)
          : yesOrNo(own)
        : task === 'regression'
          ? numberOf(own)
          : textOf(own);
    const isScored = task !== 'binary' || score === undefined || isShare(probability);
    if (label === undefined || found === undefined || !isScored) {
      unfit++;
      continue;
    }
    labels.push(label);
    predicted.push(found);
    if (task === 'binary' && probability !== undefined) probabilities.push(probability);
    for (const [index, { asked, missing, values }] of columns.entries()) {
      const found = textOf(cells[index]);
      const value = found === undefined || found === missing ? null : found;
      values.push(asked === undefined || (value !== null && asked.has(value)) ? value : null);
    }
  }
  return {
    labels,
    predicted,
    probabilities,
    slices: columns.map(({ input, asked, values }) => ({ input, asked: asked !== undefined, values })),
    unfit,
  };
}

/** Undefined where a label does not say what is asked. */
function labelOf(told: unknown, { task, label }: Reading): number | string | undefined {
  if (task === 'regression') return numberOf(told);
  const text = textOf(told);
  if (text === undefined || task === 'multiclass') return text;
  // Labels come as the dataset writes them, or as 0 and 1.
  const asNumber = yesOrNo(told);
  if (asNumber !== undefined) return asNumber;
  if (label?.positive !== undefined) return Number(label.positive.includes(text));
  if (label?.negative !== undefined) return Number(!label.negative.includes(text));
  return undefined;
}

function valueAt(value: unknown, { index = 0 }: Place): unknown {
  return Array.isArray(value) ? value[index] : value;
}

function yesOrNo(value: unknown): number | undefined {
  if (value === true || value === 'true') return 1;
  if (value === false || value === 'false') return 0;
  const number = numberOf(value);
  return number === 0 || number === 1 ? number : undefined;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value === 'boolean') return Number(value);
  if (typeof value !== 'number' && (typeof value !== 'string' || value.trim() === '')) return undefined;
  const number = Number(value);
  return Number.isFinite(number) ? number : undefined;
}

function isShare(value: number | undefined): boolean {
  return value !== undefined && value >= 0 && value <= 1;
}

function textOf(value: unknown): string | undefined {
  if (value === null || value === undefined || value === '') return undefined;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
