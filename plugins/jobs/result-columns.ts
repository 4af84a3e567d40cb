/** Results of a job as a table: each line is a row, an output of several values has several columns. */
import { exactInteger, isLongInteger, markLongIntegers } from '../../libraries/long-integers/index.ts';

/**
 * Names of the values of predictions behind those that are known: `label`, `scores[0]`, `probabilities.setosa`. One of each version is looked at: one that
 * is promoted while a job is worked may give others. Undefined before there is any.
 */
export function columnsWith(
  known: readonly string[] | undefined,
  lines: readonly ({ readonly version: string | null; readonly prediction: object } | object)[],
): readonly string[] | undefined {
  const predictions = new Map(
    lines.flatMap((line) => ('prediction' in line ? [[line.version, line.prediction] as const] : [])),
  );
  if (predictions.size === 0) return known;
  const names = new Set(known);
  for (const prediction of predictions.values())
    for (const name of flatten(prediction).keys()) names.add(name);
  return [...names];
}

const about = ['version', 'prediction_id', 'prediction_row', 'error'] as const;

/** Lines of JSON as lines of CSV, with a header; `columns` are those of predictions, `kept` those that were kept beside them. */
export async function* csvOf(
  lines: AsyncIterable<string>,
  columns: readonly string[],
  kept: readonly string[],
): AsyncGenerator<string> {
  yield csvLine(['row', ...kept, ...columns, ...about]);
  for await (const line of lines) {
    const said = JSON.parse(markLongIntegers(line)) as Readonly<Record<string, unknown>>;
    const values = flatten(said.prediction ?? {});
    const beside = (said.kept ?? {}) as Readonly<Record<string, unknown>>;
    yield csvLine([
      said.row,
      ...kept.map((name) => beside[name]),
      ...columns.map((name) => values.get(name)),
      ...about.map((name) => said[name]),
    ]);
  }
}

function flatten(value: unknown, name = '', into = new Map<string, unknown>()): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null) return into.set(name, value);
  if (Array.isArray(value)) for (const [at, part] of value.entries()) flatten(part, `${name}[${at}]`, into);
  else
    for (const [key, part] of Object.entries(value))
      flatten(part, name === '' ? key : `${name}.${key}`, into);
  return into;
}

function csvLine(values: readonly unknown[]): string {
  return `${values.map(cell).join(',')}\n`;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  const text = isLongInteger(value) ? String(exactInteger(value)) : String(value);
  return /[",\r\n]/.test(text) || text !== text.trim() ? `"${text.replaceAll('"', '""')}"` : text;
}
