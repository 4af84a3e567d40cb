/** Versions that no inference process could ever have in memory: told before their artifacts are fetched. */
import type { VersionToServe } from '../../../core/capabilities/serving-runtime.ts';
import { messageOf } from '../../../core/plugin.ts';
import type { FetchState } from '../artifacts/artifact-fetcher.ts';
import { leastMemory } from '../dataplane/interface/needed-memory.ts';
import { versionTooLarge } from '../dataplane/interface/no-room.ts';

export type NoRoom = Extract<FetchState, { readonly phase: 'failed' }>;

/** Why a version has no room in the budget, whatever else is in it; undefined where it may have some. */
export function noRoomFor(version: VersionToServe, budget: number | undefined): NoRoom | undefined {
  if (budget === undefined) return undefined;
  const { artifact, placement, replicas, session } = version;
  const needed = leastMemory({ size: artifact.size, placement, replicas, session });
  if (needed <= budget) return undefined;
  const error = versionTooLarge(needed, budget);
  return { phase: 'failed', reason: error.code, message: messageOf(error), retryable: false };
}
