import type { Snapshot } from '../../../core/manifest/snapshot.ts';

/** All that a snapshot says, in one order and without the commit in which an unchanged resource was first read. */
export function said(snapshot: Snapshot) {
  const resources = [...snapshot.resources.values()].sort((a, b) => (a.ref < b.ref ? -1 : 1));
  return {
    resources: resources.map(({ origin: { commit: _, ...origin }, ...resource }) => ({
      ...resource,
      origin,
    })),
    size: snapshot.resources.size,
    issues: snapshot.issues,
    broken: [...snapshot.broken].sort(),
    unidentified: snapshot.unidentified,
    referrers: [...snapshot.referrers].map(([ref, refs]) => [ref, [...refs].sort()]).sort(),
  };
}
