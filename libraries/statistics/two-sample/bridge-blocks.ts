import { type Pooled, pool, requireVariety, type SortedSamples } from './samples.ts';

/** A stretch of the pooled values along which the distribution function is about `share`. */
export interface Block {
  readonly share: number;
  /** The integral, over the stretch, of what a Brownian bridge at that share is weighed by. */
  readonly weight: number;
}

const most = 32;

/** How long the stretch from a distinct value to the next one is, in whatever is integrated over. */
export type Width = (pooled: Pooled, at: number) => number;

const inUnits: Width = ({ values }, at) => values[at + 1]! - values[at]!;

/**
 * The pooled values in at most so many stretches of equal weight. `weigh` takes F (1 − F), the variance of the bridge there: its
 * root for areas, itself for squares. Few distinct values are kept as they are, so that nothing is lost.
 */
export function blocksOf(
  samples: SortedSamples,
  weigh: (variance: number) => number,
  width: Width = inUnits,
): readonly Block[] {
  const pooled = pool(samples);
  requireVariety(pooled);
  const total = samples.reference.length + samples.current.length;
  const steps = pooled.distinct - 1;
  const shareAt = (at: number) => (pooled.reference[at]! + pooled.current[at]!) / total;
  const weightAt = (at: number, share: number) => weigh(share * (1 - share)) * width(pooled, at);
  let whole = 0;
  for (let at = 0; at < steps; at++) whole += weightAt(at, shareAt(at));
  const least = steps <= most ? 0 : whole / most;
  const blocks: Block[] = [];
  let weight = 0;
  let sum = 0;
  for (let at = 0; at < steps; at++) {
    const share = shareAt(at);
    const own = weightAt(at, share);
    weight += own;
    sum += own * share;
    if (weight < least || weight === 0) continue;
    blocks.push({ weight, share: sum / weight });
    weight = 0;
    sum = 0;
  }
  if (weight > 0) blocks.push({ weight, share: sum / weight });
  return blocks;
}
