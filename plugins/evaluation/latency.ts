import type { Trial } from '../../core/capabilities/model-trial.ts';
import type { ExampleTensor } from '../../core/capabilities/serving-runtime.ts';
import { bootstrap, type Estimate, median, medianOf } from '../../libraries/statistics/index.ts';

export interface LatencyComparison {
  /** Medians of the rounds' medians, in milliseconds. */
  readonly candidateMs: number;
  readonly currentMs: number;
  /** Median of the rounds' ratios, candidate to current, with its 95 % interval. */
  readonly ratio: Estimate;
  readonly rounds: number;
  readonly runsEach: number;
}

const roundMs = 15;
const mostRounds = 21;
const leastRounds = 5;
const longestMs = 30_000;

/**
 * Measures two versions in alternation, many short rounds each, first one first and then the other: what slows this machine
 * for a while slows both, and goes out of the ratio. Both run the same inputs, or each its own where those are undefined.
 */
export async function compareLatency(
  candidate: Trial,
  current: Trial,
  inputs: {
    readonly candidate: readonly ExampleTensor[] | undefined;
    readonly current: readonly ExampleTensor[] | undefined;
  },
): Promise<LatencyComparison> {
  const first = await candidate.measure(inputs.candidate, 5);
  const second = await current.measure(inputs.current, 5);
  const slower = Math.max(first.p50, second.p50, 1e-3);
  const runsEach = Math.min(2000, Math.max(3, Math.round(roundMs / slower)));
  const affordable = Math.floor(longestMs / (2 * runsEach * slower));
  const rounds = Math.min(mostRounds, Math.max(leastRounds, affordable));
  const candidateMs: number[] = [];
  const currentMs: number[] = [];
  const ratios: number[] = [];
  for (let round = 0; round < rounds; round++) {
    const sides = [
      async () => void candidateMs.push((await candidate.measure(inputs.candidate, runsEach)).p50),
      async () => void currentMs.push((await current.measure(inputs.current, runsEach)).p50),
    ];
    for (const side of round % 2 === 0 ? sides : sides.reverse()) await side();
    ratios.push(candidateMs[round]! / currentMs[round]!);
  }
  return {
    candidateMs: median(candidateMs),
    currentMs: median(currentMs),
    ratio: bootstrap(rounds, medianOf(ratios), { seed: 1 }),
    rounds,
    runsEach,
  };
}

/** The same rows again and again, up to `rows`; undefined where the first dimension of an input does not vary. */
export function repeated(
  inputs: readonly ExampleTensor[],
  varies: (name: string) => boolean,
  rows: number,
): readonly ExampleTensor[] | undefined {
  if (!inputs.every(({ name, shape }) => varies(name) && shape[0] === 1)) return undefined;
  return inputs.map((tensor) => ({
    ...tensor,
    shape: [rows, ...tensor.shape.slice(1)],
    data: Array.from({ length: rows }, () => tensor.data).flat(),
  }));
}
