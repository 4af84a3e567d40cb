/** The SQL of which predictions a profile is of, and of their values as texts. */
import type { ProfileQuestion } from '../../../core/capabilities/prediction-profile.ts';
import { text, texts } from './duck.ts';
import { pointerTo } from './json-pointer.ts';
import { dayOf } from './rows.ts';

export interface Span {
  /** Milliseconds since 1970; `to` is not in it. */
  readonly from: number;
  readonly to: number;
}

export const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** How many rows there are in each hour: `hour` (hours since 1970), `rows`, `mark` (other where any of them changed), `first`, `last`. */
export function countsSql(question: ProfileQuestion): string {
  const mark = asksForLabels(question) ? "count(*) || ' ' || epoch_ms(max(received))" : 'count(*)::VARCHAR';
  return `SELECT (epoch_ms(time) // ${hourMs})::DOUBLE AS hour, count(*)::DOUBLE AS rows, ${mark} AS mark,
      epoch_ms(min(time))::DOUBLE AS first, epoch_ms(max(time))::DOUBLE AS last
    FROM ${sourceOf(question)} p WHERE ${conditionOf(question, question)} GROUP BY 1 ORDER BY 1`;
}

/** When the oldest of the newest rows was made: `time`. */
export function newestSql(question: ProfileQuestion, newest: number): string {
  return `SELECT epoch_ms(min(time))::DOUBLE AS time FROM (
    SELECT time FROM ${sourceOf(question)} p WHERE ${conditionOf(question, question)} ORDER BY time DESC LIMIT ${newest})`;
}

/** A text, or null, for each column of the question, in its order. */
export function valuesSql(question: ProfileQuestion, span: Span): string {
  const paths = { input: [] as string[], output: [] as string[] };
  const values = question.columns.map(({ of, field = '', index, missing }) => {
    let value = "CASE label->>'$' WHEN 'true' THEN '1' WHEN 'false' THEN '0' ELSE label->>'$' END";
    if (of !== 'label') {
      paths[of].push(`${pointerTo(field)}${index === undefined ? '' : `/${index}`}`);
      value = `${of}s_of[${paths[of].length}]`;
    }
    return missing === undefined ? value : `nullif(${value}, ${text(missing)})`;
  });
  // Each document is read once, however many values are asked of it.
  const read = (['input', 'output'] as const)
    .filter((of) => paths[of].length > 0)
    .map((of) => `json_extract_string(${of}s, ${texts(paths[of])}) AS ${of}s_of`);
  const label = asksForLabels(question) ? ['label'] : [];
  const inner = [...read, ...label];
  return `SELECT ${values.map((value, at) => `${value} AS c${at}`).join(', ')} FROM (
    SELECT ${inner.join(', ')} FROM ${sourceOf(question)} p WHERE ${conditionOf(question, span)})`;
}

export function asksForLabels({ columns }: ProfileQuestion): boolean {
  return columns.some(({ of }) => of === 'label');
}

function sourceOf(question: ProfileQuestion): string {
  return asksForLabels(question) ? 'labelled' : 'predictions';
}

function conditionOf({ environment, deployment, versions, slice }: ProfileQuestion, span: Span): string {
  const conditions = [
    `environment = ${text(environment)} AND deployment = ${text(deployment)}`,
    // A file is of the day that the log had when it took its predictions in: clocks differ.
    `date BETWEEN DATE ${text(dayOf(span.from - dayMs))} AND DATE ${text(dayOf(span.to + dayMs))}`,
    `time >= ${timestamp(span.from)} AND time < ${timestamp(span.to)}`,
    "variant <> 'shadow'",
  ];
  if (versions !== undefined) conditions.push(`version IN (${versions.map(text).join(', ')})`);
  if (slice !== undefined) {
    conditions.push(`(inputs->>${text(pointerTo(slice.input))}) = ${text(String(slice.value))}`);
  }
  return conditions.join(' AND ');
}

function timestamp(milliseconds: number): string {
  return `make_timestamp(${Math.round(milliseconds) * 1_000}::BIGINT)`;
}
