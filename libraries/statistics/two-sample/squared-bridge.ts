import type { Block } from './bridge-blocks.ts';
import { correlatedSquaresTail } from './quadratic-form.ts';

/** How often ∫ B² exceeds `x`, for a Brownian bridge B over stretches that are weighed by its variance. */
export function squaredBridgeTail(x: number, blocks: readonly Block[]): number {
  return correlatedSquaresTail(x, blocks, 1, (one, other) => {
    const [low, high] = one.share < other.share ? [one.share, other.share] : [other.share, one.share];
    return Math.sqrt((low * (1 - high)) / (high * (1 - low)));
  });
}
