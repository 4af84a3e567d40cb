/** Where versions are loaded on demand: what is asked before one is. */
import { leastMemory, neededMemory } from '../interface/needed-memory.ts';
import { memoryBudgetExceeded, versionTooLarge } from '../interface/no-room.ts';
import type { PooledVersion } from './pooled-version.ts';
import type { VersionBudget } from './version-budget.ts';

/**
 * Whether a version is to be in memory now; then room for it is taken, and whoever loads it tells the budget when that is over.
 * It is tried first where it never was. Rejects with the reason why it cannot be served.
 */
export async function isToBeLoaded(
  entry: PooledVersion,
  budget: VersionBudget,
  loadTimeoutMs: number,
): Promise<boolean> {
  const { onDemand } = budget;
  const least = leastMemory(entry.pinned);
  if (budget.bytes !== undefined && least > budget.bytes) throw versionTooLarge(least, budget.bytes);
  // Whoever acquired it says in the same breath whether it is to be kept.
  await Promise.resolve();
  if (entry.tried === undefined) {
    const tried = await onDemand.tryApart(entry.pinned, loadTimeoutMs);
    onDemand.notes.put(entry.key, tried);
    entry.learn(tried);
  }
  const needed = neededMemory(entry.pinned, entry.tried!);
  // Also one that would be kept now: it could not be loaded again once it is not.
  if (budget.bytes !== undefined && needed > budget.bytes) throw memoryBudgetExceeded(needed, budget.bytes);
  if (entry.users === 0) return false;
  if (entry.mustLoad || entry.keepers > 0) {
    await budget.take(entry, needed);
    return entry.users > 0;
  }
  if (onDemand.loading === 'eager' && budget.takeIfFree(entry, needed)) return true;
  entry.fallAsleep(onDemand.whileLoading);
  return false;
}
