import { metricAnswerInvalid } from '../../core/capabilities/metrics-source-errors.ts';

/** One number, or that there is none. */
export type Reading =
  | { readonly type: 'number'; readonly value: number; readonly observedAt: number }
  | { readonly type: 'none'; readonly reason: string };

const nothing = { type: 'none', reason: 'the query gave no series' } as const;
const undefinedNumber = {
  type: 'none',
  reason: 'the query gave NaN, as 0 divided by 0 does: nothing was counted',
} as const;

/** Reads the answer to an instant query. Throws `MetricAnswerInvalid` for all that is neither one number nor none. */
export function readAnswer(body: unknown, where: string): Reading {
  const { status, data } = record(body);
  if (status !== 'success') throw metricAnswerInvalid(where, 'it is not one of the Prometheus API');
  const { resultType, result } = record(data);
  if (resultType === 'scalar') return sample(result, where);
  if (resultType === 'string' || resultType === 'matrix') {
    const reason = resultType === 'string' ? 'the query gave a text' : 'the query gave ranges of numbers';
    throw metricAnswerInvalid(where, reason, 'Write a query that gives one number: sum(rate(…[5m])).');
  }
  if (resultType !== 'vector' || !Array.isArray(result)) {
    throw metricAnswerInvalid(where, 'it is not one of the Prometheus API');
  }
  if (result.length === 0) return nothing;
  if (result.length > 1) {
    const reason = `the query gave ${result.length} series, and one number is needed`;
    throw metricAnswerInvalid(where, reason, 'Aggregate them: sum(…), max(…).');
  }
  const [series] = result;
  const { value, histogram } = record(series);
  if (value === undefined && histogram !== undefined) {
    const hint = 'Take a number out of it: histogram_quantile(0.95, …).';
    throw metricAnswerInvalid(where, 'the query gave a histogram', hint);
  }
  return sample(value, where);
}

function sample(value: unknown, where: string): Reading {
  const [seconds, text] = Array.isArray(value) ? (value as readonly unknown[]) : [];
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || typeof text !== 'string') {
    throw metricAnswerInvalid(where, 'its sample is not a time and a number');
  }
  if (text === 'NaN') return undefinedNumber;
  const number = /^[-+]?Inf$/.test(text) ? Number.POSITIVE_INFINITY : Number(text);
  if (text.trim() === '' || Number.isNaN(number)) {
    throw metricAnswerInvalid(where, 'its sample is not a number');
  }
  if (!Number.isFinite(number)) {
    const hint = 'Something was divided by 0: see that the divisor is above it, or add `and … > 0`.';
    throw metricAnswerInvalid(where, `the query gave ${text}`, hint);
  }
  return { type: 'number', value: number, observedAt: Math.round(seconds * 1000) };
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
