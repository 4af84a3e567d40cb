import { breather } from '../../libraries/breather/index.ts';
import {
  bootstrapReplicates,
  difference,
  type Interval,
  percentileInterval,
  type Statistic,
  StatisticsError,
} from '../../libraries/statistics/index.ts';
import type { Evaluation } from './declaration.ts';
import { metrics } from './metrics.ts';

export interface JudgedMetric {
  readonly declared: Evaluation['metrics'][number];
  readonly candidate: number;
  readonly current: number;
  /** Candidate less current, with the 95 % interval of paired bootstrap samples. */
  readonly difference: number;
  readonly interval: Interval;
  readonly judgement: 'kept' | 'dropped' | 'undecided';
}

/** The candidate answered something that no metric can be made of, where the version that serves did not. */
export class BadPredictions extends Error {}

/**
 * Compares one metric of two versions on the same rows.
 *
 * `kept`: the whole interval lies within the allowed drop; a larger one is ruled out.
 * `dropped`: the whole interval lies beyond it; a larger drop is shown.
 * `undecided`: the limit lies in the interval; these rows do not tell.
 *
 * Throws `StatisticsError` where these rows have no such figure, `BadPredictions` where only the candidate has none.
 */
export async function judgeMetric(
  declared: Evaluation['metrics'][number],
  sides: { readonly candidate: Statistic; readonly current: Statistic },
  rows: number,
  options: { readonly replicates: number; readonly seed: number; readonly signal: AbortSignal },
): Promise<JudgedMetric> {
  const all = new Uint8Array(rows).fill(1);
  const current = sides.current(all);
  if (current === undefined)
    throw new StatisticsError('the version that serves has no such figure on these rows');
  const candidate = sides.candidate(all);
  if (candidate === undefined) throw new BadPredictions('it has no such figure on these rows');
  const replicates: number[] = [];
  // This runs in the process that decides: others want their turn.
  const breathe = breather(options.signal);
  for (const one of bootstrapReplicates(rows, difference(sides.candidate, sides.current), options)) {
    replicates.push(one);
    await breathe();
  }
  const interval = percentileInterval(replicates);
  return {
    declared,
    candidate,
    current,
    difference: candidate - current,
    interval,
    judgement: judgementOf(declared, interval),
  };
}

/** Drops count in the direction that is worse: up for a loss, down for the rest. */
export function judgementOf(
  { name, maxDrop }: Evaluation['metrics'][number],
  { low, high }: Interval,
): JudgedMetric['judgement'] {
  const [worst, best] = metrics[name].isHigherBetter ? [low, high] : [-high, -low];
  if (worst >= -maxDrop) return 'kept';
  return best < -maxDrop ? 'dropped' : 'undecided';
}
