import type { RunSnapshot, VersionMetrics } from './process-metrics.ts';

/** What one process counted of one version, as far as statistics are made of it: small enough to be told to others. */

export interface Took {
  readonly count: number;
  readonly ms: number;
}

export interface VersionCounts {
  readonly environment: string;
  readonly deployment: string;
  readonly version: string;
  readonly success: Took;
  readonly fail: Took;
  readonly queue: Took;
  readonly runs: RunSnapshot;
  readonly hits: Took;
  readonly misses: Took;
}

/** What control answers a process that asks for what the others counted. */
export interface OthersCounts {
  readonly processes: number;
  readonly versions: readonly VersionCounts[];
}

const nothing: Took = { count: 0, ms: 0 };
const noRuns: RunSnapshot = {
  ...{ inferences: 0, executions: 0, lastInference: 0, requests: 0 },
  ...{ prepareMs: 0, runMs: 0, handOutMs: 0, sizes: [] },
};

export function countsOf(metrics: VersionMetrics): VersionCounts {
  const { environment, deployment, version, requests, seconds } = metrics;
  const { failedSeconds = 0, queueSeconds, runs = noRuns, cache } = metrics;
  let all = 0;
  for (const count of Object.values(requests)) all += count;
  const answered = requests[200] ?? 0;
  return {
    ...{ environment, deployment, version },
    success: { count: answered, ms: (seconds.sum - failedSeconds) * 1000 },
    fail: { count: all - answered, ms: failedSeconds * 1000 },
    queue:
      queueSeconds === undefined
        ? nothing
        : {
            count: queueSeconds.counts.reduce((sum, count) => sum + count, 0),
            ms: queueSeconds.sum * 1000,
          },
    runs,
    hits: cache === undefined ? nothing : { count: cache.hits, ms: cache.hitMs },
    misses: cache === undefined ? nothing : { count: cache.misses, ms: cache.missMs },
  };
}

/** What a version did that nobody has asked yet. */
export function noCounts(environment: string, deployment: string, version: string): VersionCounts {
  const none = { success: nothing, fail: nothing, queue: nothing, hits: nothing, misses: nothing };
  return { environment, deployment, version, ...none, runs: noRuns };
}

/** Of the same version, by two processes. */
export function addCounts(one: VersionCounts, other: VersionCounts): VersionCounts {
  return {
    ...one,
    success: add(one.success, other.success),
    fail: add(one.fail, other.fail),
    queue: add(one.queue, other.queue),
    hits: add(one.hits, other.hits),
    misses: add(one.misses, other.misses),
    runs: addRuns(one.runs, other.runs),
  };
}

function add(one: Took, other: Took): Took {
  return { count: one.count + other.count, ms: one.ms + other.ms };
}

function addRuns(one: RunSnapshot, other: RunSnapshot): RunSnapshot {
  const sizes = new Map(one.sizes.map((size) => [size[0], size]));
  for (const size of other.sizes) {
    const [rows, runs, prepareMs, runMs, handOutMs] = size;
    const before = sizes.get(rows) ?? ([rows, 0, 0, 0, 0] as const);
    sizes.set(rows, [
      ...([rows, before[1] + runs] as const),
      ...([before[2] + prepareMs, before[3] + runMs, before[4] + handOutMs] as const),
    ]);
  }
  return {
    inferences: one.inferences + other.inferences,
    executions: one.executions + other.executions,
    lastInference: Math.max(one.lastInference, other.lastInference),
    requests: one.requests + other.requests,
    prepareMs: one.prepareMs + other.prepareMs,
    runMs: one.runMs + other.runMs,
    handOutMs: one.handOutMs + other.handOutMs,
    sizes: [...sizes.values()],
  };
}
