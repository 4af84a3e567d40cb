import type { ProposalEvent } from './event.ts';

/**
 * The events in one order that is the same in every clone: each after those it stands on, and those that were written
 * side by side by their time and id. A signature covers the parents, so nobody can move an event of another before or
 * behind one that stands on it.
 */
export function inOrder(events: ReadonlyMap<string, ProposalEvent>): ProposalEvent[] {
  const children = new Map<string, ProposalEvent[]>();
  const waiting = new Map<string, number>();
  const ready: ProposalEvent[] = [];
  for (const event of events.values()) {
    const parents = new Set(event.parents);
    waiting.set(event.id, parents.size);
    for (const parent of parents) children.set(parent, [...(children.get(parent) ?? []), event]);
    if (parents.size === 0) ready.push(event);
  }
  const ordered: ProposalEvent[] = [];
  while (ready.length > 0) {
    // Hardly ever more than two at once: as many as there are clones that wrote side by side.
    ready.sort(earlierLast);
    const event = ready.pop()!;
    ordered.push(event);
    for (const child of children.get(event.id) ?? []) {
      const left = waiting.get(child.id)! - 1;
      waiting.set(child.id, left);
      if (left === 0) ready.push(child);
    }
  }
  return ordered;
}

function earlierLast(one: ProposalEvent, other: ProposalEvent): number {
  if (one.time !== other.time) return other.time - one.time;
  return one.id < other.id ? 1 : -1;
}
