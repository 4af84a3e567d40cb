/**
 * What versions did over time, from the cumulative counters that inference processes report. Several processes are added
 * up; one that began anew counts on and takes nothing back.
 */
import { withBounds } from '../dataplane/interface/latency-bounds.ts';
import type { ProcessMetrics } from '../dataplane/interface/process-metrics.ts';
import { add, type Bounds, type Counters, countersOf, increaseOf, subtract } from './counters.ts';

/** Milliseconds. Windows cannot begin earlier than this: as long as an A/B test may run. */
const remembered = 31 * 24 * 3_600_000;
/** Points are no denser than this, and sparser the older they are: windows begin within a fiftieth of where they should. */
const densest = 1_000;
const sparseness = 0.02;

/** What had been counted in all once a change was over. */
interface Point {
  /** On the clock that only goes forward. */
  readonly at: number;
  readonly total: Counters;
}

interface Version {
  total: Counters;
  /** The first is where it was first heard of. */
  points: Point[];
  changedAt: number;
  /** Points are thinned out when there are so many. */
  thinAt: number;
}

export interface TrafficWindow {
  readonly counters: Counters;
  /** How long ago it began and ended, in milliseconds. */
  readonly fromAgo: number;
  readonly toAgo: number;
}

export class TrafficHistory {
  /** Milliseconds of a clock that only goes forward. */
  readonly #now: () => number;
  readonly #versions = new Map<string, Version>();
  /** What each process said last, by its id. */
  readonly #processes = new Map<string, { pid: number; versions: Map<string, Counters> }>();
  #bounds: Bounds | undefined;
  #heardAt: number | undefined;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Takes in a report of a process. */
  add(id: string, pid: number, metrics: Pick<ProcessMetrics, 'versions'>): void {
    const now = this.#now();
    this.#heardAt = now;
    const process = this.#processes.get(id);
    // What the first process with an id had counted before it was heard of belongs to no window.
    const isBaseline = process === undefined;
    const before = process?.pid === pid ? process.versions : undefined;
    const versions = new Map<string, Counters>();
    for (const one of metrics.versions) {
      const key = keyOf(one);
      const counters = countersOf(one);
      versions.set(key, counters);
      this.#bounds ??= { seconds: withBounds(one.seconds).bounds, distances: one.distances.bounds };
      const increase = isBaseline ? {} : increaseOf(counters, before?.get(key) ?? {});
      this.#count(key, increase, now);
    }
    this.#processes.set(id, { pid, versions });
  }

  /** What a version did in the last so many milliseconds; undefined where it was never heard of. */
  window(
    { environment, deployment, version }: { environment: string; deployment: string; version: string },
    lengthMs: number,
  ): TrafficWindow | undefined {
    const known = this.#versions.get(keyOf({ environment, deployment, version }));
    if (known === undefined) return undefined;
    const now = this.#now();
    const [first] = known.points;
    const from = now - lengthMs;
    const base = known.changedAt <= from ? known : (known.points.findLast(({ at }) => at <= from) ?? first);
    const toAgo = now - (this.#heardAt ?? now);
    // It begins where it was asked to, within what points can tell, unless nothing was heard of the version then.
    const fromAgo = Math.max(toAgo + 1, Math.min(lengthMs, now - (first?.at ?? now)));
    return { counters: subtract(known.total, base?.total ?? {}), fromAgo, toAgo };
  }

  /** Of the histograms that were reported; undefined before the first report. */
  get bounds(): Bounds | undefined {
    return this.#bounds;
  }

  #count(key: string, increase: Counters, now: number): void {
    let version = this.#versions.get(key);
    if (version === undefined) {
      const total = {};
      version = { total, points: [{ at: now, total }], changedAt: now, thinAt: 64 };
      this.#versions.set(key, version);
    }
    const { points } = version;
    const last = points.at(-1);
    if (last !== undefined && last.total !== version.total && now - last.at >= densest) {
      points.push({ at: version.changedAt, total: version.total });
    }
    if (Object.values(increase).some((value) => value !== 0)) {
      version.total = add(version.total, increase);
      version.changedAt = now;
    } else if (now - version.changedAt > remembered) {
      this.#versions.delete(key);
      return;
    }
    if (points.length >= version.thinAt) {
      version.points = thinned(points, now);
      version.thinAt = version.points.length + 64;
    }
  }
}

/** Without what is too old, and with fewer points the older they are. */
function thinned(points: readonly Point[], now: number): Point[] {
  const kept: Point[] = [];
  for (const [index, point] of points.entries()) {
    const next = points[index + 1];
    // The last one beyond what is remembered is where the longest window begins.
    if (next !== undefined && now - next.at > remembered) continue;
    const previous = kept.at(-1);
    const isDense =
      previous !== undefined && next !== undefined && next.at - previous.at < (now - point.at) * sparseness;
    if (!isDense) kept.push(point);
  }
  return kept;
}

function keyOf(one: { environment: string; deployment: string; version: string }): string {
  return `${one.environment}/${one.deployment}/${one.version}`;
}
