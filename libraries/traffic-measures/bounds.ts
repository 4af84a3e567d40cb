/** How sure a measure is: bounds that hold at all looks together. */
import {
  deviationOf,
  type LabelSums,
  largestShift,
  type TrafficQuery,
  type TrafficSums,
  type VariantSums,
} from './sums.ts';

interface Interval {
  readonly low: number;
  readonly high: number;
}

interface Counted {
  readonly n: number;
  readonly sum: number;
}

/** Confidence sequences, as `libraries/statistics` has them. They throw where there is none, with a message that says why. */
export interface Sequences {
  proportionSequence(counted: Counted, alpha: number): Interval;
  proportionDifferenceSequence(control: Counted, treatment: Counted, alpha: number): Interval;
  quantileDifferenceSequence(
    control: NonNullable<VariantSums['latency']>,
    treatment: NonNullable<VariantSums['latency']>,
    share: number,
    alpha: number,
  ): Interval;
  meanDifferenceSequence(
    control: Counted & { readonly sumSquares: number },
    treatment: Counted & { readonly sumSquares: number },
    alpha: number,
  ): Interval;
}

export interface Bounds {
  readonly lower?: number;
  readonly upper?: number;
  readonly unsure?: string;
}

/**
 * Of the difference (`errorRate`, `latency`, what labels say), of the candidate's share (`disagreement`), or of the shift (`scoreShift`); undefined
 * for what has none.
 */
export function boundsOf(
  query: TrafficQuery,
  alpha: number,
  sums: TrafficSums,
  sequences: Sequences,
): Bounds | undefined {
  if (query.metric === 'requests') return undefined;
  try {
    return finite(intervalOf(query, alpha, sums, sequences));
  } catch (thrown) {
    if ((thrown as { code?: unknown }).code !== 'DegenerateInput') throw thrown;
    return { unsure: (thrown as Error).message };
  }
}

function intervalOf(
  query: Exclude<TrafficQuery, { readonly metric: 'requests' }>,
  alpha: number,
  { candidate, stable }: TrafficSums,
  sequences: Sequences,
): Interval | Bounds {
  switch (query.metric) {
    case 'errorRate':
      if (stable === undefined || (stable.requests ?? 0) === 0) return withoutStable;
      return sequences.proportionDifferenceSequence(errorsOf(stable), errorsOf(candidate), alpha);
    case 'latency': {
      const { quantile } = query;
      if (stable?.latency === undefined || stable.latency.counts.every((count) => count === 0)) {
        return withoutStable;
      }
      const { low, high } = sequences.quantileDifferenceSequence(
        stable.latency,
        candidate.latency ?? { bounds: [], counts: [0] },
        quantile,
        alpha,
      );
      return { low: low * 1000, high: high * 1000 };
    }
    case 'disagreement': {
      const { bounds = [], counts = [] } = candidate.distances ?? {};
      const n = counts.reduce((sum, count) => sum + count, 0);
      const near = bounds.reduce((sum, bound, at) => sum + (bound <= query.tolerance ? counts[at]! : 0), 0);
      return sequences.proportionSequence({ n, sum: n - near }, alpha);
    }
    case 'accuracy':
    case 'meanAbsoluteError':
    case 'logLoss': {
      if (stable?.labels === undefined || stable.labels.count === 0) return withoutStable;
      const compared = [countedOf(stable.labels), countedOf(candidate.labels ?? noLabels), alpha] as const;
      // Right or wrong, row by row; an error or a loss is any number.
      if (query.metric === 'accuracy') return sequences.proportionDifferenceSequence(...compared);
      return sequences.meanDifferenceSequence(...compared);
    }
    case 'scoreShift':
      return shiftOf(candidate.score, stable?.score, alpha, sequences);
    default:
      return {};
  }
}

const withoutStable: Bounds = { unsure: 'stable answered nothing to compare with' };
const noLabels: LabelSums = { count: 0, sum: 0, sumSquares: 0 };

function countedOf({ count, sum, sumSquares }: LabelSums): Counted & { readonly sumSquares: number } {
  return { n: count, sum, sumSquares };
}

function errorsOf({ requests = 0, errors = 0 }: VariantSums): Counted {
  return { n: requests, sum: errors };
}

/** Over all columns, each of which gets its part of alpha: the column that moved most is not known before. */
function shiftOf(
  candidate: VariantSums['score'],
  stable: VariantSums['score'],
  alpha: number,
  sequences: Sequences,
): Interval | Bounds {
  if (candidate === undefined || stable === undefined) return withoutStable;
  const columns = candidate.sums.length;
  const columnOf = ({ rows, sums, squares }: NonNullable<VariantSums['score']>, column: number) => {
    return { n: rows, sum: sums[column] ?? 0, sumSquares: squares[column] ?? 0 };
  };
  let low = 0;
  let high = 0;
  for (let column = 0; column < columns; column += 1) {
    const difference = sequences.meanDifferenceSequence(
      columnOf(stable, column),
      columnOf(candidate, column),
      alpha / columns,
    );
    const deviation = deviationOf(stable, column);
    const least = Math.max(0, difference.low, -difference.high);
    const most = Math.max(-difference.low, difference.high);
    low = Math.max(low, Math.min(least / deviation, largestShift));
    high = Math.max(high, Math.min(most / deviation, largestShift));
  }
  return { low, high };
}

/** JSON has no infinity: a side without an end is left out, and said to be. */
function finite(interval: Interval | Bounds): Bounds {
  if (!('low' in interval)) return interval;
  const { low, high } = interval;
  const isOpen = !Number.isFinite(low) || !Number.isFinite(high);
  return {
    // JSON knows no -0.
    ...(Number.isFinite(low) ? { lower: low + 0 } : {}),
    ...(Number.isFinite(high) ? { upper: high + 0 } : {}),
    ...(isOpen ? { unsure: 'too few were counted, or too many beyond the last bucket, to know an end' } : {}),
  };
}
