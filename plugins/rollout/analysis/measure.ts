import type { Measurement, MetricsSource } from '../../../core/capabilities/metrics-source.ts';
import { codeOf, messageOf, type Providers } from '../../../core/plugin.ts';
import { substitute } from './arguments.ts';
import type { MetricDefinition } from './metric-definition.ts';
import { readConditions } from './read-conditions.ts';
import type { Reading } from './reading.ts';

/** What is measured: who, where, and how far back. */
export interface Subject {
  readonly environment: string;
  readonly deployment: string;
  readonly model: string;
  readonly candidate: string;
  readonly stable?: string;
  readonly windowMs: number;
  /** What its share of the error budget lets this look spend. */
  readonly alpha?: number;
}

/** What a source may give to be kept. */
const largestKept = 32 * 1024;
/** A source has time limits of its own; this is for one that has not. */
const longestMs = 60_000;

/** Looks at a metric once. Never rejects: whatever goes wrong is a reading too. */
export async function measure(
  definition: MetricDefinition,
  subject: Subject,
  sources: Providers<MetricsSource>,
  signal: AbortSignal,
): Promise<Reading> {
  const facts = factsOf(subject);
  const { environment, deployment, model, candidate, stable, windowMs, alpha } = subject;
  try {
    const source = sources.get(definition.provider);
    const question = {
      environment,
      deployment,
      model,
      variants: { candidate, ...(stable === undefined ? {} : { stable }) },
      windowMs,
      ...(alpha === undefined ? {} : { alpha }),
      query: substitute(definition.query, 'run', facts),
    };
    const measurement = await within(longestMs, signal, (both) => source.measure(question, both));
    return readingOf(measurement, definition, subject);
  } catch (error) {
    return { type: 'error', code: codeOf(error), message: messageOf(error).slice(0, 500) };
  }
}

/** What stands in the place of `{{run.…}}`. */
export function factsOf({
  environment,
  deployment,
  model,
  candidate,
  stable,
  windowMs,
}: Subject): ReadonlyMap<string, string> {
  const window = `${Math.max(1, Math.ceil(windowMs / 1000))}s`;
  return new Map(Object.entries({ environment, deployment, model, candidate, stable: stable ?? '', window }));
}

function readingOf(measurement: Measurement, definition: MetricDefinition, subject: Subject): Reading {
  if (measurement.type === 'noData') {
    const { reason, window } = measurement;
    return { type: 'noData', reason, ...(window === undefined ? {} : { window }) };
  }
  const { samples, observedAt, window, unsure } = measurement;
  // JSON, and no more than can be kept: a plugin may give anything.
  const kept = JSON.stringify([measurement.result, measurement.statistics ?? null]);
  if (kept.length > largestKept || measurement.result === undefined) {
    const problem = measurement.result === undefined ? 'no result' : `${kept.length} characters`;
    return { type: 'error', code: 'MetricAnswerInvalid', message: `the source gave ${problem}` };
  }
  const [result, statistics] = JSON.parse(kept) as [unknown, Readonly<Record<string, unknown>> | null];
  const read = readConditions(definition, factsOf(subject), result, unsure);
  if ('type' in read) return read;
  return {
    type: 'value',
    result,
    ...(unsure === undefined ? {} : { unsure }),
    ...read,
    ...(samples === undefined ? {} : { samples }),
    observedAt,
    window,
    askedMs: subject.windowMs,
    ...(statistics === null ? {} : { statistics }),
  };
}

/** Ends in time, also where the other side does not listen to its signal. */
async function within<T>(
  ms: number,
  signal: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const both = AbortSignal.any([signal, AbortSignal.timeout(ms)]);
  both.throwIfAborted();
  return new Promise<T>((resolve, reject) => {
    both.addEventListener('abort', () => reject(both.reason), { once: true });
    work(both).then(resolve, reject);
  });
}
