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
  let folded = before ?? begin(first!);
  for (const event of before === undefined ? rest : events) folded = add(folded, event);
  return folded;
}

function begin(event: ProposalEvent): Folded {
  const said = sayingOf(event);
  return {
    root: event.id,
    key: event.key!,
    base: event.base!,
    author: event.by,
    openedAt: event.time,
    updatedAt: event.time,
    text: said,
    pushes: [said],
    labels: addLabels([], event),
    reviews: [],
    comments: {},
    checks: {},
    merged: [],
    events: 1,
  };
}

function add(folded: Folded, event: ProposalEvent): Folded {
  const counted = {
    ...folded,
    updatedAt: Math.max(folded.updatedAt, event.time),
    events: folded.events + 1,
  };
  // An event that names another proposal, or another base, was copied here: it says nothing about this one.
  if (event.type === 'joined' || event.type === 'opened' || event.proposal !== folded.root) return counted;
  if (event.base !== undefined && event.base !== folded.base) return counted;
  switch (event.type) {
    case 'updated': {
      const said = sayingOf(event);
      return {
        ...counted,
        text: said,
        pushes: [...folded.pushes, said],
        labels: addLabels(folded.labels, event),
      };
    }
    case 'commented':
      return {
        ...counted,
        comments: { ...folded.comments, [event.slot!]: { tree: event.tree, by: event.by, at: event.time } },
      };
    case 'checked': {
      const reports = Object.fromEntries(event.checks.map((name) => [name, event.tree]));
      const earlier = folded.checks[event.head!];
      return { ...counted, checks: { ...folded.checks, [event.head!]: { ...earlier, ...reports } } };
    }
    case 'reviewed':
      return {
        ...counted,
        reviews: [...folded.reviews, { ...sayingOf(event), verdict: event.verdict! }],
      };
    case 'labelled':
      return {
        ...counted,
        labels:
          event.change === 'add'
            ? addLabels(folded.labels, event)
            : folded.labels.filter(({ name }) => !event.labels.includes(name)),
      };
    case 'merged':
      return { ...counted, merged: [...folded.merged, event.head!] };
    case 'closed':
    case 'superseded': {
      if (folded.closed !== undefined) return counted;
      const newer = event.supersededBy && { number: event.supersededBy, root: event.supersededByProposal };
      return { ...counted, closed: { by: event.by, at: event.time, ...(newer && { newer }) } };
    }
  }
}

/** One entry for each person that added a label, so that nobody can push another's aside. */
function addLabels(labels: Folded['labels'], event: ProposalEvent): Folded['labels'] {
  const added = event.labels.map((name) => ({ ...sayingOf(event), name }));
  const isReplaced = (label: (typeof labels)[number]) =>
    label.by.email === event.by.email &&
    event.labels.includes(label.name) &&
    !(label.isSigned && !event.isSigned);
  const isKept = (name: string) =>
    labels.some((label) => label.name === name && label.by.email === event.by.email && !isReplaced(label));
  return [...labels.filter((label) => !isReplaced(label)), ...added.filter(({ name }) => !isKept(name))];
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
