import type { Actor, Review } from '../../core/capabilities/forge.ts';
import type { ProposalEvent } from './event.ts';

/** What a chain of events comes to: small, JSON, and a pure function of the chain. */
export interface Folded {
  /** The first event: the name of the proposal in every clone, whatever its number. */
  readonly root: string;
  readonly key: string;
  readonly base: string;
  readonly author: Actor;
  readonly openedAt: number;
  readonly updatedAt: number;
  /** The event that holds title, body and the digest of the draft. */
  readonly text: Said;
  readonly pushes: readonly Said[];
  readonly labels: readonly (Said & { readonly name: string })[];
  readonly reviews: readonly (Said & { readonly verdict: Review['verdict'] })[];
  /** Slot → the event with its newest text. */
  readonly comments: Readonly<Record<string, Pick<Said, 'tree' | 'by' | 'at'>>>;
  /** Head → check → the tree of the event with its newest report. */
  readonly checks: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Heads that events say were merged. Whether they were is seen on the base. */
  readonly merged: readonly string[];
  readonly closed?: { readonly by: Actor; readonly at: number; readonly newer?: Newer };
  readonly events: number;
}

/** Somebody said something about one head, in one event. */
export interface Said {
  readonly event: string;
  /** The tree that holds `event.json`. */
  readonly tree: string;
  readonly by: Actor;
  readonly at: number;
  readonly head: string;
  /** Where the base stood. */
  readonly on: string;
  readonly isSigned: boolean;
}

interface Newer {
  readonly number: number;
  readonly root?: string;
}

/** More labels than these are none that people put on. */
const maxLabels = 1000;

/** Folds events that are in order; `before`: what the earlier ones came to. Answers why they are no proposal. */
export function fold(
  events: readonly ProposalEvent[],
  before?: Folded,
): Folded | { readonly broken: string } {
  const [first, ...rest] = events;
  const beginnings = events.filter(({ parents }) => parents.length === 0);
  if (before === undefined && first?.type !== 'opened') return { broken: 'it does not begin with "opened"' };
  if (beginnings.length !== (before === undefined ? 1 : 0))
    return { broken: `it has ${beginnings.length} beginnings: events of another proposal were mixed in` };
  const folding = before === undefined ? begin(first!) : resume(before);
  for (const event of before === undefined ? rest : events) {
    add(folding, event);
    if (folding.labels.size > maxLabels) return { broken: `it has more than ${maxLabels} labels` };
  }
  return finish(folding);
}

/** What is being folded: an event costs what it says, however much was said before it. */
interface Folding {
  readonly start: Pick<Folded, 'root' | 'key' | 'base' | 'author' | 'openedAt'>;
  updatedAt: number;
  text: Said;
  readonly pushes: Said[];
  /** By name and person. */
  readonly labels: Map<string, Folded['labels'][number]>;
  /** By name: the entries of all who added it. */
  readonly labelled: Map<string, Set<string>>;
  readonly reviews: Folded['reviews'][number][];
  readonly comments: Map<string, Folded['comments'][string]>;
  readonly checks: Map<string, Map<string, string>>;
  readonly merged: string[];
  closed: Folded['closed'];
  events: number;
}

function begin(event: ProposalEvent): Folding {
  const said = sayingOf(event);
  const folding: Folding = {
    start: {
      root: event.id,
      key: event.key!,
      base: event.base!,
      author: event.by,
      openedAt: event.time,
    },
    updatedAt: event.time,
    text: said,
    pushes: [said],
    labels: new Map(),
    labelled: new Map(),
    reviews: [],
    comments: new Map(),
    checks: new Map(),
    merged: [],
    closed: undefined,
    events: 1,
  };
  addLabels(folding, event);
  return folding;
}

function resume(before: Folded): Folding {
  const { root, key, base, author, openedAt } = before;
  const checks = Object.entries(before.checks);
  const folding: Folding = {
    start: { root, key, base, author, openedAt },
    updatedAt: before.updatedAt,
    text: before.text,
    pushes: [...before.pushes],
    labels: new Map(),
    labelled: new Map(),
    reviews: [...before.reviews],
    comments: new Map(Object.entries(before.comments)),
    checks: new Map(checks.map(([head, reports]) => [head, new Map(Object.entries(reports))])),
    merged: [...before.merged],
    closed: before.closed,
    events: before.events,
  };
  for (const label of before.labels) putLabel(folding, label);
  return folding;
}

function finish(folding: Folding): Folded {
  const { start, labels, labelled: _, comments, checks, closed, ...rest } = folding;
  const reports = [...checks].map(([head, trees]) => [head, Object.fromEntries(trees)] as const);
  return {
    ...start,
    ...rest,
    labels: [...labels.values()],
    comments: Object.fromEntries(comments),
    checks: Object.fromEntries(reports),
    ...(closed && { closed }),
  };
}

function add(folding: Folding, event: ProposalEvent): void {
  folding.updatedAt = Math.max(folding.updatedAt, event.time);
  folding.events += 1;
  // An event that names another proposal, or another base, was copied here: it says nothing about this one.
  const { root, base } = folding.start;
  if (event.type === 'joined' || event.type === 'opened' || event.proposal !== root) return;
  if (event.base !== undefined && event.base !== base) return;
  switch (event.type) {
    case 'updated':
      folding.text = sayingOf(event);
      folding.pushes.push(folding.text);
      addLabels(folding, event);
      return;
    case 'commented':
      folding.comments.set(event.slot!, { tree: event.tree, by: event.by, at: event.time });
      return;
    case 'checked': {
      const reports = folding.checks.get(event.head!) ?? new Map<string, string>();
      for (const name of event.checks) reports.set(name, event.tree);
      folding.checks.set(event.head!, reports);
      return;
    }
    case 'reviewed':
      folding.reviews.push({ ...sayingOf(event), verdict: event.verdict! });
      return;
    case 'labelled':
      if (event.change === 'add') addLabels(folding, event);
      else for (const name of event.labels) removeLabel(folding, name);
      return;
    case 'merged':
      folding.merged.push(event.head!);
      return;
    case 'closed':
    case 'superseded': {
      const newer = event.supersededBy && { number: event.supersededBy, root: event.supersededByProposal };
      folding.closed ??= { by: event.by, at: event.time, ...(newer && { newer }) };
    }
  }
}

/** One entry for each person that added a label, so that nobody can push another's aside. */
function addLabels(folding: Folding, event: ProposalEvent): void {
  for (const name of event.labels) {
    const label = { ...sayingOf(event), name };
    const earlier = folding.labels.get(entryOf(label));
    if (!(earlier?.isSigned && !event.isSigned)) putLabel(folding, label);
  }
}

function putLabel({ labels, labelled }: Folding, label: Folded['labels'][number]): void {
  const entry = entryOf(label);
  // The newest comes last.
  labels.delete(entry);
  labels.set(entry, label);
  labelled.set(label.name, (labelled.get(label.name) ?? new Set()).add(entry));
}

function removeLabel({ labels, labelled }: Folding, name: string): void {
  for (const entry of labelled.get(name) ?? []) labels.delete(entry);
  labelled.delete(name);
}

function entryOf({ name, by }: Folded['labels'][number]): string {
  return JSON.stringify([name, by.email]);
}

function sayingOf(event: ProposalEvent): Said {
  return {
    event: event.id,
    tree: event.tree,
    by: event.by,
    at: event.time,
    head: event.head!,
    on: event.baseCommit!,
    isSigned: event.isSigned,
  };
}
