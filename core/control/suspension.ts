import type { Snapshot } from '../manifest/snapshot.ts';
import { type Change, type Ref, type Resource, type Status, suspendAnnotation } from '../plugin.ts';

/** Whether the kernel keeps its hands off it. */
export function isSuspended({ metadata }: Resource): boolean {
  return metadata.annotations?.[suspendAnnotation] === 'true';
}

/** What resources that are suspended no more were when a controller saw them last, where their conditions tell. */
export async function lastSeen(
  changes: readonly Change[],
  status: (ref: Ref) => Status | undefined,
  load: (commit: string) => Promise<Snapshot>,
): Promise<ReadonlyMap<Ref, Resource>> {
  const seen = new Map<Ref, Resource>();
  for (const change of changes) {
    if (change.type === 'added' || !isSuspended(change.previous)) continue;
    if (change.type !== 'removed' && isSuspended(change.next)) continue;
    const { conditions = [], observedDigest } = status(change.previous.ref) ?? {};
    const [commit] = conditions.map(({ observedCommit }) => observedCommit);
    if (commit === undefined || !observedDigest) continue;
    const snapshot = await load(commit).catch(() => undefined); // a commit that is gone tells nothing
    const resource = snapshot?.resources.get(change.previous.ref);
    if (resource?.digest === observedDigest) seen.set(resource.ref, resource);
  }
  return seen;
}
