/** One check of one monitor: each part that it declares judges, and the worst speaks for all. */
import type { PredictionSink } from '../../core/capabilities/prediction-sink.ts';
import { codeOf, messageOf, type Resource } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { MonitorSpec } from '../../schemas/generated/monitor.ts';
import type { Compute } from './compute/jobs.ts';
import { noPredictionLog } from './errors.ts';
import { drift } from './parts/drift.ts';
import { performance } from './parts/performance.ts';
import { quality } from './parts/quality.ts';
import type { References } from './references.ts';
import type { Find, Part, Window } from './scene.ts';
import { targetOf } from './target.ts';
import { type PartVerdict, type Verdict, worstOf } from './verdict.ts';

/** In the order in which they are shown. */
const parts: readonly Part[] = [drift, quality, performance];

export interface CheckTools {
  readonly sink: () => PredictionSink | undefined;
  readonly references: References;
  readonly compute: Compute;
  readonly now: () => number;
}

export interface CheckAsked {
  readonly resource: Resource<MonitorSpec>;
  /** What the monitor stands on, each as it was last valid. */
  readonly find: Find;
  /** When it was due, and where its window ends, in milliseconds since 1970. */
  readonly at: number;
  /** What the parts remembered after the last check, by their names. */
  readonly memory: Readonly<Record<string, unknown>>;
}

export interface Checked {
  readonly verdict: Verdict;
  readonly memory: Readonly<Record<string, unknown>>;
}

const longestWindowMs = 30 * 86_400_000;
const defaultMinRows = 100;

/** Throws where nothing could be judged at all. */
export async function check(
  { resource, find, at, memory }: CheckAsked,
  tools: CheckTools,
  signal: AbortSignal,
): Promise<Checked> {
  const { spec } = resource;
  const started = tools.now();
  const sink = tools.sink();
  if (sink === undefined) throw noPredictionLog();
  const target = targetOf(spec, find);
  const window = windowOf(spec, at);
  const { references, compute } = tools;
  const found: Record<string, PartVerdict> = {};
  const remembered: Record<string, unknown> = {};
  let rows: number | null = null;
  let failure: { readonly error: unknown } | undefined;
  const declared = parts.filter((part) => part.isDeclared(spec));
  for (const part of declared) {
    const scene = { spec, target, window, find, sink, references, compute, signal };
    try {
      const judged = await part.judge({ ...scene, memory: memory[part.name] });
      const { rows: counted, memory: kept, ...verdict } = judged;
      found[part.name] = verdict;
      rows ??= counted ?? null;
      if (kept !== undefined) remembered[part.name] = kept;
    } catch (error) {
      signal.throwIfAborted();
      failure ??= { error };
      // It remembers what it did before.
      if (memory[part.name] !== undefined) remembered[part.name] = memory[part.name];
      const message = messageOf(error);
      found[part.name] = { status: 'error', reason: codeOf(error), message, facts: {}, details: {} };
    }
  }
  if (failure !== undefined && Object.values(found).every(({ status }) => status === 'error')) {
    throw failure.error;
  }
  const { status, reason, message } = worstOf(found);
  return {
    verdict: {
      run: new Date(at).toISOString(),
      at: new Date(tools.now()).toISOString(),
      milliseconds: Math.max(0, tools.now() - started),
      window: {
        from: new Date(window.from).toISOString(),
        to: new Date(window.to).toISOString(),
        rows,
      },
      version: target.version,
      ...{ status, reason, message },
      parts: found,
    },
    memory: remembered,
  };
}

function windowOf({ window }: MonitorSpec, to: number): Window {
  const { size, rows, minRows = defaultMinRows } = window;
  if (rows !== undefined) {
    return { from: to - longestWindowMs, to, newest: rows, minRows: Math.min(minRows, rows) };
  }
  return { from: to - parseDuration(size ?? '1d'), to, minRows };
}
