/** How fast a model is by the rows of a run and the threads of its session, and which settings follow from that. */
import type { ModelTrial, Trial } from '../../core/capabilities/model-trial.ts';
import type { ModelToProfile } from './model-to-profile.ts';

export interface ModelMeasurement {
  readonly threads: number;
  /** Rows of each run; undefined where a request is as the model takes it, and cannot share a run. */
  readonly rows: number | undefined;
  /** Milliseconds of a run. */
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly rowsPerSecond: number;
  readonly runs: number;
}

export interface ModelProfile {
  readonly model: string;
  readonly batchable: boolean;
  /** From the start of loading to the first answer. */
  readonly loadMs: number;
  readonly memoryBytes: number;
  readonly measurements: readonly ModelMeasurement[];
  readonly recommended: Recommendation;
}

export interface Recommendation {
  readonly maxBatchSize: number;
  readonly intraOpThreads: number;
  readonly placement: 'inline' | 'worker';
}

export interface ProfileOrder {
  readonly threads: readonly number[];
  readonly rows: readonly number[];
  /** Milliseconds for each pair of them. */
  readonly forMs: number;
  readonly progress: (doing: string) => void;
}

/** Measures in processes of their own, one after the other: nothing else of ours runs meanwhile. */
export async function profileModel(
  model: ModelToProfile,
  trials: ModelTrial,
  { threads, rows, forMs, progress }: ProfileOrder,
  signal: AbortSignal,
): Promise<ModelProfile> {
  const measurements: ModelMeasurement[] = [];
  let first: Trial | undefined;
  for (const intraOpThreads of threads) {
    await trials.take(signal, async (bench) => {
      const words = intraOpThreads === 1 ? '1 thread' : `${intraOpThreads} threads`;
      progress(`loading ${model.name} with ${words}`);
      const trial = await model.open(bench, { intraOpThreads });
      first ??= trial;
      for (const count of trial.batchable ? rows : [undefined]) {
        progress(`measuring ${model.name}: ${words}${count === undefined ? '' : `, ${count} rows a run`}`);
        measurements.push(await measure(trial, intraOpThreads, count, forMs));
      }
    });
  }
  const { batchable, loadMs, memoryBytes, placement } = first!;
  const recommended = recommend(measurements, placement);
  return { model: model.name, batchable, loadMs: figure(loadMs), memoryBytes, measurements, recommended };
}

const fewestRuns = 10;
const mostRuns = 5_000;

async function measure(
  trial: Trial,
  threads: number,
  rows: number | undefined,
  forMs: number,
): Promise<ModelMeasurement> {
  const run = (runs: number) =>
    rows === undefined ? trial.measure(undefined, runs) : trial.measureRows(rows, runs);
  // The first runs are slower: memory of that size is new.
  const { p50: estimate } = await run(3);
  const runs = Math.round(Math.min(mostRuns, Math.max(fewestRuns, forMs / Math.max(estimate, 0.001))));
  const { p50, p95, p99 } = await run(runs);
  const times = { p50: figure(p50), p95: figure(p95), p99: figure(p99) };
  return { threads, rows, ...times, rowsPerSecond: figure(((rows ?? 1) * 1000) / p50), runs };
}

/** Threads beyond the first must be worth it to everybody else on the machine. */
const worthAThread = 1.6;
/** A batch need not be larger where this share of the best throughput is reached. */
const nearlyBest = 0.9;
/** Whoever comes while a batch runs waits for its end: it takes no longer than this, or than four runs of one row. */
const longestRunMs = 50;

/** Pure. */
export function recommend(
  measurements: readonly ModelMeasurement[],
  placement: 'inline' | 'worker',
): Recommendation {
  const single = (threads: number) =>
    measurements.filter((one) => one.threads === threads).sort((a, b) => (a.rows ?? 1) - (b.rows ?? 1))[0]!;
  const counts = [...new Set(measurements.map(({ threads }) => threads))].sort((a, b) => a - b);
  let intraOpThreads = counts[0]!;
  for (const count of counts.slice(1)) {
    if (gainOf(measurements, intraOpThreads, count) >= worthAThread) intraOpThreads = count;
  }
  const own = measurements.filter(({ threads }) => threads === intraOpThreads);
  const longest = Math.max(longestRunMs, 4 * single(intraOpThreads).p50);
  const bearable = own.filter(({ p50 }) => p50 <= longest);
  const best = Math.max(...bearable.map(({ rowsPerSecond }) => rowsPerSecond));
  const enough = bearable
    .filter(({ rowsPerSecond }) => rowsPerSecond >= nearlyBest * best)
    .sort((a, b) => (a.rows ?? 1) - (b.rows ?? 1))[0]!;
  return { maxBatchSize: enough.rows ?? 1, intraOpThreads, placement };
}

/** How much faster runs are with other threads: the median over runs of as many rows, as single ones are noisy. */
function gainOf(measurements: readonly ModelMeasurement[], threads: number, others: number): number {
  const gains: number[] = [];
  for (const one of measurements) {
    const other = measurements.find(({ threads, rows }) => threads === others && rows === one.rows);
    if (one.threads === threads && other !== undefined) gains.push(one.p50 / other.p50);
  }
  return gains.sort((a, b) => a - b)[gains.length >> 1] ?? 0;
}

/** No more digits than were measured. */
function figure(value: number): number {
  return Number(value.toPrecision(4));
}
