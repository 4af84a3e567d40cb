/** Numbers about two variants of a service, from counts and sums alone. Pure: the same sums, the same numbers. */

import { boundsOf, type Sequences } from './bounds.ts';
import {
  deviationOf,
  type Histogram,
  largestShift,
  type ScoreSums,
  type TrafficQuery,
  type TrafficSums,
  type VariantSums,
} from './sums.ts';

export type { Sequences } from './bounds.ts';
export type { Histogram, LabelSums, ScoreSums, TrafficQuery, TrafficSums, VariantSums } from './sums.ts';

export type TrafficMeasure =
  | {
      readonly result: Readonly<Record<string, number>>;
      readonly samples: number;
      /** Why the result has not both of its bounds, where it was asked for them. */
      readonly unsure?: string;
    }
  | { readonly nothing: string };

/**
 * Measures; says in words why there is nothing to measure. No result holds NaN or an infinity. `sequences` is what bounds are
 * made by: `libraries/statistics`.
 */
export function measureTraffic(
  query: TrafficQuery,
  sums: TrafficSums,
  sequences?: Sequences,
): TrafficMeasure {
  const measured = pointOf(query, sums);
  if ('nothing' in measured || query.alpha === undefined || sequences === undefined) return measured;
  const bounds = boundsOf(query, query.alpha, sums, sequences);
  if (bounds === undefined) return measured;
  const { unsure, ...numbers } = bounds;
  return {
    ...measured,
    result: { ...measured.result, ...numbers },
    ...(unsure === undefined ? {} : { unsure }),
  };
}

function pointOf(query: TrafficQuery, { candidate, stable }: TrafficSums): TrafficMeasure {
  switch (query.metric) {
    case 'errorRate':
      return compared(candidate, stable, ({ requests = 0, errors = 0 }) => ({
        value: requests === 0 ? undefined : errors / requests,
        samples: requests,
      }));
    case 'requests':
      return compared(candidate, stable, ({ requests = 0 }) => ({ value: requests, samples: requests }));
    case 'latency':
      return compared(candidate, stable, ({ latency }) => ({
        value: latency && milliseconds(quantileOf(latency, query.quantile)),
        samples: latency === undefined ? 0 : total(latency),
      }));
    case 'disagreement':
      return disagreement(candidate, query.tolerance);
    case 'scoreShift':
      return scoreShift(candidate.score, stable?.score);
    case 'accuracy':
    case 'meanAbsoluteError':
    case 'logLoss':
      return compared(candidate, stable, meanOfLabels, 'no label of the candidate has arrived');
  }
}

interface One {
  readonly value: number | undefined;
  readonly samples: number;
}

function compared(
  candidate: VariantSums,
  stable: VariantSums | undefined,
  measure: (sums: VariantSums) => One,
  nothing = 'no requests reached the candidate',
): TrafficMeasure {
  const { value, samples } = measure(candidate);
  if (value === undefined) return { nothing };
  const other = stable === undefined ? undefined : measure(stable).value;
  if (other === undefined) return { result: { candidate: value }, samples };
  return {
    result: {
      candidate: value,
      stable: other,
      difference: value - other,
      // Of nothing there is no multiple.
      ...(other === 0 ? {} : { ratio: value / other }),
    },
    samples,
  };
}

function meanOfLabels({ labels }: VariantSums): One {
  if (labels === undefined || labels.count === 0) return { value: undefined, samples: 0 };
  return { value: labels.sum / labels.count, samples: labels.count };
}

function disagreement({ distances }: VariantSums, tolerance: number): TrafficMeasure {
  const samples = distances === undefined ? 0 : total(distances);
  if (distances === undefined || samples === 0) {
    return { nothing: 'no mirrored requests were answered by both' };
  }
  let near = 0;
  for (const [index, bound] of distances.bounds.entries()) {
    if (bound <= tolerance) near += distances.counts[index] ?? 0;
  }
  return { result: { candidate: (samples - near) / samples }, samples };
}

/** The column whose mean moved most, in standard deviations of stable's; the first of several. */
function scoreShift(candidate: ScoreSums | undefined, stable: ScoreSums | undefined): TrafficMeasure {
  if (candidate === undefined || candidate.rows === 0) return { nothing: 'the candidate gave no numbers' };
  if (stable === undefined || stable.rows < 2) return { nothing: 'stable gave no numbers to compare with' };
  if (candidate.sums.length !== stable.sums.length) {
    return { nothing: 'the outputs of the two have different shapes' };
  }
  let most: Readonly<Record<string, number>> | undefined;
  for (const [column, sum] of candidate.sums.entries()) {
    const mean = sum / candidate.rows;
    const stableMean = (stable.sums[column] ?? 0) / stable.rows;
    const deviation = deviationOf(stable, column);
    const difference = mean - stableMean;
    // What never varied has no scale of its own: any move of it is beyond measure.
    const shift = difference === 0 ? 0 : Math.min(Math.abs(difference) / deviation, largestShift);
    if (most !== undefined && shift <= (most.shift ?? 0)) continue;
    // JSON knows no -0.
    most = { candidate: mean + 0, stable: stableMean + 0, difference: difference + 0, shift };
  }
  return most === undefined
    ? { nothing: 'the candidate gave no numbers' }
    : { result: most, samples: Math.min(candidate.rows, stable.rows) };
}

function total({ counts }: Histogram): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

function milliseconds(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1000;
}

/** Undefined where nothing was counted. */
function quantileOf({ bounds, counts }: Histogram, quantile: number): number | undefined {
  const all = counts.reduce((sum, count) => sum + count, 0);
  if (all === 0) return undefined;
  const rank = quantile * all;
  let below = 0;
  for (const [index, bound] of bounds.entries()) {
    const count = counts[index] ?? 0;
    if (count > 0 && below + count >= rank) {
      const from = index === 0 ? 0 : (bounds[index - 1] ?? 0);
      return from + (bound - from) * ((rank - below) / count);
    }
    below += count;
  }
  return bounds.at(-1);
}
