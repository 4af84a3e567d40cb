import { correlatedSquaresTail } from './quadratic-form.ts';

/**
 * How often Anderson and Darling's A² of midranks exceeds `squared` where values are equal, of one sample more than `free`;
 * `variance` is that at these sizes without ties. Undefined where no two values are equal.
 */
export function tiedTail(
  { squared, free, variance }: { readonly squared: number; readonly free: number; readonly variance: number },
  pooled: Float64Array,
): number | undefined {
  const { stretches, hasTies } = stretchesOf(pooled);
  if (!hasTies) return undefined;
  // As many values without ties, of which the variance is known: what normal values lack of it, they lack with ties, too.
  const untied = stretchesOf(pooled.map((_, at) => at)).stretches;
  const spread = Math.sqrt((2 * free * meanSquareOf(untied)) / variance);
  return correlatedSquaresTail(free + (squared - free) * spread, stretches, free, correlationOf);
}

function correlationOf(one: Stretch, other: Stretch): number {
  if (one === other) return 1;
  const [low, high] = one.share < other.share ? [one, other] : [other, one];
  return (low.share * (1 - high.share)) / Math.sqrt(low.variance * high.variance);
}

function meanSquareOf(stretches: readonly Stretch[]): number {
  let sum = 0;
  for (const one of stretches)
    for (const other of stretches) sum += one.weight * other.weight * correlationOf(one, other) ** 2;
  return sum;
}

/** Equal values, or some that stand near to each other. */
interface Stretch {
  readonly weight: number;
  /** Of all values, how many are below its middle. */
  readonly share: number;
  /** Of a Brownian bridge: halfway between both ends of equal values, or at the middle. */
  readonly variance: number;
}

const mostStretches = 64;

/**
 * The pooled values by their log-odds, on which what is weighed by F (1 − F) is alike everywhere; equal ones that fill a stretch
 * alone are kept as they are.
 */
function stretchesOf(pooled: Float64Array): {
  readonly stretches: readonly Stretch[];
  readonly hasTies: boolean;
} {
  const total = pooled.length;
  const width = (2 * Math.log(2 * total)) / mostStretches;
  const stretches: Stretch[] = [];
  let distinct = 0;
  let open: { values: number; weight: number; sum: number; first: number; tied: number } | undefined;
  const close = () => {
    if (open === undefined) return;
    const share = open.sum / open.weight;
    const steps = open.values === 1 ? open.tied / 4 : 0;
    stretches.push({ weight: open.weight, share, variance: share * (1 - share) - steps });
    open = undefined;
  };
  for (let start = 0; start < total; ) {
    let end = start;
    while (end < total && pooled[end] === pooled[start]) end++;
    const weight = (end - start) / total;
    const share = (start + end) / (2 * total);
    const place = Math.log(share / (1 - share));
    if (open !== undefined && place - open.first > width) close();
    open ??= { values: 0, weight: 0, sum: 0, first: place, tied: weight };
    open.values++;
    open.weight += weight;
    open.sum += weight * share;
    distinct++;
    start = end;
  }
  close();
  return { stretches, hasTies: distinct < total };
}
