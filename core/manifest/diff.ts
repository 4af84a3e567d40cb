import { LayeredMap } from '../../libraries/layered-map/index.ts';
import type { Change, Ref, Resource } from '../plugin.ts';
import { order } from './order.ts';
import { knownReferences, patternsOf } from './references.ts';

/**
 * What takes one set of resources to another, in the order to work in: what is added, changed or affected, each after
 * what it refers to; then what is removed, each before what it refers to. Costs what differs, where both maps stem
 * from the same snapshots.
 *
 * @param referrers Target (or `Kind/scope/*`) → those to look at again when it changes: `Snapshot.referrers`.
 */
export function diff(
  previous: ReadonlyMap<Ref, Resource>,
  next: ReadonlyMap<Ref, Resource>,
  referrers: ReadonlyMap<Ref, ReadonlySet<Ref>>,
): Change[] {
  const kept = new Map<Ref, Change>();
  const removed = new Map<Ref, Change>();
  for (const ref of LayeredMap.differing(previous, next)) {
    const before = previous.get(ref);
    const after = next.get(ref);
    if (before === undefined && after !== undefined) kept.set(ref, { type: 'added', next: after });
    else if (before !== undefined && after === undefined)
      removed.set(ref, { type: 'removed', previous: before });
    else if (before !== undefined && after !== undefined && before.digest !== after.digest) {
      kept.set(ref, { type: 'changed', previous: before, next: after });
    }
  }
  for (const ref of [...kept.keys(), ...removed.keys()]) {
    for (const target of [ref, ...patternsOf(ref)]) {
      for (const referrer of referrers.get(target) ?? []) {
        const before = previous.get(referrer);
        const after = next.get(referrer);
        if (before === undefined || after === undefined || kept.has(referrer)) continue;
        kept.set(referrer, { type: 'affected', previous: before, next: after });
      }
    }
  }
  return [...order(kept, targetsOf), ...order(removed, targetsOf).reverse()];
}

function targetsOf(change: Change): Ref[] {
  const resource = change.type === 'removed' ? change.previous : change.next;
  return knownReferences(resource).map(({ to }) => to);
}

export { type ChangedField, changedFields } from './changed-fields.ts';
