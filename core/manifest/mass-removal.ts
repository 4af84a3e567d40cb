import type { Ref, Resource } from '../plugin.ts';
import type { LastGood } from './last-good.ts';
import { removalLimitOf } from './platform.ts';

export interface Removal {
  /** How many resources are applied now. */
  readonly before: number;
  /** How many of them would be removed. */
  readonly removed: number;
  /** The share, in percent, that one commit may remove. 100 turns the hold off. */
  readonly maxRemovalPercent: number;
}

/** Removals of fewer are never held: in a tiny registry one resource is a large share. */
const few = 3;

/**
 * Why a commit must wait for a human: it would remove more than the set share of the resources. Undefined: it need not.
 * Pure.
 */
export function massRemoval(removal: Removal): { reason: 'MassRemovalHeld'; message: string } | undefined {
  const { before, removed, maxRemovalPercent } = removal;
  if (removed < few || removed * 100 <= before * maxRemovalPercent) return undefined;
  const share = Math.min(100, Math.round((removed / before) * 100));
  return {
    reason: 'MassRemovalHeld',
    message: `the commit would remove ${removed} of ${before} resources (${share} %; without a word at most ${maxRemovalPercent} %)`,
  };
}

/** Of a commit on top of what is applied. That sets the limit: no commit says how much it may remove itself. Pure. */
export function massRemovalFrom(applied: ReadonlyMap<Ref, Resource>, good: LastGood) {
  // Those count that the commit no longer declares and that stay only because something broken refers to them.
  let removed = good.removed.length;
  for (const issues of good.kept.values()) {
    if (issues.some(({ code }) => code === 'KeptForReference')) removed += 1;
  }
  return massRemoval({ before: applied.size, removed, maxRemovalPercent: removalLimitOf(applied) });
}
