import { type Pooled, pool, requireVariety, type SortedSamples } from './samples.ts';

/** A stretch of the pooled values along which the distribution function is about `share`. */
export interface Block {
  readonly share: number;
  /** The integral, over the stretch, of what a Brownian bridge at that share is weighed by. */
  readonly weight: number;
}

const most = 32;

/**
 * The pooled values in at most so many stretches of equal weight. `weigh` takes F (1 − F), the variance of the bridge there: its
 * root for areas, itself for squares. Few distinct values are kept as they are, so that nothing is lost.
 */
export function blocksOf(samples: SortedSamples, weigh: (variance: number) => number): readonly Block[] {
  const pooled = pool(samples);
  requireVariety(pooled);
  const weights = weightsOf(pooled, samples.reference.length + samples.current.length, weigh);
  let whole = 0;
  for (const { weight } of weights) whole += weight;
  if (weights.length <= most) return weights;
  const blocks: Block[] = [];
  let weight = 0;
  let share = 0;
  for (const each of weights) {
    weight += each.weight;
    share += each.weight * each.share;
    if (weight < whole / most) continue;
    blocks.push({ weight, share: share / weight });
    weight = 0;
    share = 0;
  }
  if (weight > 0) blocks.push({ weight, share: share / weight });
  return blocks;
}

function weightsOf(pooled: Pooled, total: number, weigh: (variance: number) => number): Block[] {
  const weights: Block[] = [];
  for (let at = 0; at < pooled.distinct - 1; at++) {
    const share = (pooled.reference[at]! + pooled.current[at]!) / total;
    const width = pooled.values[at + 1]! - pooled.values[at]!;
    weights.push({ share, weight: weigh(share * (1 - share)) * width });
  }
  return weights;
}
