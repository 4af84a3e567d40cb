import type { ScoreSums, VariantSums } from '../../../libraries/traffic-measures/index.ts';
import type { VersionMetrics } from '../dataplane/interface/process-metrics.ts';

/** All that is counted of a version, flat: what is a sum adds up, over processes and over time. */
export type Counters = Readonly<Record<string, number>>;

/** The bounds of histograms, which all processes of one program share. */
export interface Bounds {
  readonly seconds: readonly number[];
  readonly distances: readonly number[];
}

/** An answer is an error when its status says so, or when it is no number where there should be one. */
export function countersOf(metrics: VersionMetrics): Counters {
  const counters: Record<string, number> = { requests: 0, errors: metrics.nanAnswers };
  for (const [status, count] of Object.entries(metrics.requests)) {
    counters.requests! += count;
    if (Number(status) >= 500) counters.errors! += count;
  }
  // How fast an answer is found that was kept says nothing of the version: one that has just begun has found none yet.
  const hits = metrics.cache?.seconds.counts ?? [];
  for (const [index, all] of metrics.seconds.counts.entries()) {
    const count = all - (hits[index] ?? 0);
    // Most of the many buckets stay empty.
    if (count > 0) counters[`seconds/${index}`] = count;
  }
  for (const [index, count] of metrics.distances.counts.entries()) counters[`distances/${index}`] = count;
  for (const { output, rows, sums, squares } of metrics.scores) {
    counters[`rows/${output}`] = rows;
    for (const [column, sum] of sums.entries()) counters[`sum${column}/${output}`] = sum;
    for (const [column, square] of squares.entries()) counters[`square${column}/${output}`] = square;
  }
  return counters;
}

/** What came to them since `before`. Counters that went back began anew: then it is all that they hold. */
export function increaseOf(counters: Counters, before: Counters): Counters {
  for (const [name, value] of Object.entries(before)) {
    // Sums of scores go either way; whatever is counted does not.
    if (!name.startsWith('sum') && (counters[name] ?? 0) < value) return counters;
  }
  return subtract(counters, before);
}

export function add(one: Counters, other: Counters): Counters {
  const sum: Record<string, number> = { ...one };
  for (const [name, value] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + value;
  return sum;
}

export function subtract(one: Counters, other: Counters): Counters {
  const rest: Record<string, number> = { ...one };
  for (const [name, value] of Object.entries(other)) rest[name] = (rest[name] ?? 0) - value;
  return rest;
}

/** What was counted, as measures want it. `output`: the one that scores are of; the first one where it is not given. */
export function sumsOf(counters: Counters, bounds: Bounds, output: string | undefined): VariantSums {
  const score = scoreOf(counters, output);
  return {
    requests: counters.requests ?? 0,
    errors: counters.errors ?? 0,
    latency: histogramOf(counters, 'seconds', bounds.seconds),
    distances: histogramOf(counters, 'distances', bounds.distances),
    ...(score === undefined ? {} : { score }),
  };
}

/** Outputs whose numbers were added up, in the order of the model. */
export function outputsOf(counters: Counters): readonly string[] {
  return Object.keys(counters).flatMap((name) => (name.startsWith('rows/') ? [name.slice(5)] : []));
}

function histogramOf(counters: Counters, name: string, bounds: readonly number[]) {
  const counts = Array.from({ length: bounds.length + 1 }, (_, index) => counters[`${name}/${index}`] ?? 0);
  return { bounds, counts };
}

function scoreOf(counters: Counters, wanted: string | undefined): ScoreSums | undefined {
  const output = wanted ?? outputsOf(counters)[0];
  const rows = output === undefined ? undefined : counters[`rows/${output}`];
  if (output === undefined || rows === undefined) return undefined;
  const column = (name: string) => {
    const values: number[] = [];
    for (let index = 0; `${name}${index}/${output}` in counters; index++) {
      values.push(counters[`${name}${index}/${output}`] ?? 0);
    }
    return values;
  };
  return { output, rows, sums: column('sum'), squares: column('square') };
}
