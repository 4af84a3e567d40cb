import { metricAnswerInvalid, metricQueryInvalid } from '../../core/capabilities/metrics-source-errors.ts';
import { messageOf } from '../../core/plugin.ts';
import { compileExpression, EvaluationError } from '../../libraries/cel-condition/index.ts';

/** What is kept of a document with every measurement. */
const largestResult = 16 * 1024;

/**
 * What an expression gives over a document, as JSON; undefined where it names a key that is not there, or gives null.
 * Throws `MetricQueryInvalid` or `MetricAnswerInvalid`.
 */
export function valueIn(body: unknown, source: string, field: string, where: string): unknown {
  const compiled = compileExpression(source, { body: 'dyn' });
  if ('problem' in compiled) throw metricQueryInvalid(`web.${field}`, compiled.problem);
  let found: unknown;
  try {
    found = compiled.evaluate({ body });
  } catch (error) {
    if (error instanceof EvaluationError && error.isKeyMissing) return undefined;
    throw metricAnswerInvalid(
      where,
      `${field}: ${messageOf(error)}`,
      `Correct web.${field}, or the document.`,
    );
  }
  return found === null ? undefined : asJson(found, field, where);
}

/** A count, from what an expression gave. Throws `MetricAnswerInvalid`. */
export function countOf(value: unknown, where: string): number {
  if (typeof value === 'number' && value >= 0) return value;
  throw metricAnswerInvalid(where, 'samples is not a count', 'Correct web.samples, or the document.');
}

/** Milliseconds since 1970, from what an expression gave. Throws `MetricAnswerInvalid`. */
export function timeOf(value: unknown, where: string): number {
  // Seconds beyond this are milliseconds that somebody took for seconds.
  if (typeof value === 'number' && value >= 0 && value < 1e11) return Math.round(value * 1000);
  const isTime = typeof value === 'string' && /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d/.test(value);
  const time = isTime ? Date.parse(value) : Number.NaN;
  if (!Number.isNaN(time)) return time;
  const hint = 'Give RFC 3339, as 2026-03-01T09:30:00Z, or seconds since 1970.';
  throw metricAnswerInvalid(where, 'observedAt is no time', hint);
}

function asJson(value: unknown, field: string, where: string): unknown {
  let text: string | undefined;
  try {
    text = JSON.stringify(value, (_, one) => {
      if (typeof one === 'bigint') return Number(one);
      if (typeof one === 'number' && !Number.isFinite(one)) throw new Error(`${field} gives ${one}`);
      return one;
    });
  } catch (error) {
    throw metricAnswerInvalid(where, messageOf(error), `Correct web.${field}, or the document.`);
  }
  if (text === undefined || text.length > largestResult) {
    const hint = 'Take out of the document what the condition needs.';
    throw metricAnswerInvalid(where, `${field} gives more than ${largestResult} characters`, hint);
  }
  return JSON.parse(text);
}
