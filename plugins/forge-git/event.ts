import type { Actor, Review } from '../../core/capabilities/forge.ts';
import { parseCommit } from '../../libraries/git/commit.ts';
import { isObjectId } from '../../libraries/git/object-id.ts';
import { readEventTrailers, type Trailers } from './event-message.ts';

export type EventType =
  | 'opened'
  | 'updated'
  | 'commented'
  | 'checked'
  | 'reviewed'
  | 'labelled'
  | 'merged'
  | 'closed'
  | 'superseded'
  | 'joined';

/** One commit of a chain of events, as its own bytes say it: all that counts is in the message, which a signature covers. */
export interface ProposalEvent {
  readonly id: string;
  readonly parents: readonly string[];
  /** Holds `event.json`. */
  readonly tree: string;
  readonly type: EventType;
  /** The author of the commit. */
  readonly by: Actor & { readonly email: string };
  /** Seconds since 1970, by the author's own clock. */
  readonly time: number;
  /** Whether it carries a signature, of whomever. */
  readonly isSigned: boolean;
  /** The first event of its proposal, which names it in every repository; absent in that event itself. */
  readonly proposal: string | undefined;
  /** The reference that the proposal wants to change, and where that stood. */
  readonly base: string | undefined;
  readonly baseCommit: string | undefined;
  readonly head: string | undefined;
  readonly key: string | undefined;
  readonly labels: readonly string[];
  readonly change: 'add' | 'remove' | undefined;
  readonly slot: string | undefined;
  /** Names of the checks whose reports are in `event.json`. */
  readonly checks: readonly string[];
  readonly verdict: Review['verdict'] | undefined;
  /** The merge commit that it became. */
  readonly commit: string | undefined;
  /** The number of the newer proposal, and the first event of that. */
  readonly supersededBy: number | undefined;
  readonly supersededByProposal: string | undefined;
}

/** The trailers of an event; undefined values are left out. */
export function eventTrailers(
  event: Partial<Omit<ProposalEvent, 'id' | 'parents' | 'tree' | 'by' | 'time' | 'isSigned'>> & {
    readonly type: EventType;
  },
): Trailers {
  const lines: (readonly [string, string | undefined])[] = [
    ['Event', event.type],
    ['Proposal-Id', event.proposal],
    ['Base', event.base],
    ['Base-Commit', event.baseCommit],
    ['Head', event.head],
    ['Key', event.key],
    ['Verdict', event.verdict],
    ['Slot', event.slot],
    ...(event.labels ?? []).map((label) => ['Label', label] as const),
    ['Label-Change', event.change],
    ...(event.checks ?? []).map((check) => ['Check', check] as const),
    ['Merge-Commit', event.commit],
    ['Superseded-By', event.supersededBy?.toString()],
    ['Superseded-By-Id', event.supersededByProposal],
  ];
  return lines.filter((line): line is readonly [string, string] => line[1] !== undefined);
}

/** Reads an event; answers why it is none, as a clause, where it is none. */
export function parseEvent(id: string, bytes: Uint8Array): ProposalEvent | string {
  const raw = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (raw.length > maxBytes) return `${id} is larger than an event may be: ${raw.length} bytes`;
  const commit = parseCommit(id, raw);
  const trailers = readEventTrailers(commit.message);
  const one = (name: string) => (trailers.get(name)?.length === 1 ? trailers.get(name)![0] : undefined);
  const object = (name: string) => (isObjectId(one(name) ?? '') ? one(name) : undefined);
  // People who join two chains with `git merge` write no trailers; nothing is said by such a commit.
  const type = one('Event') ?? (commit.parents.length > 1 && trailers.size === 0 ? 'joined' : undefined);
  if (type === undefined) return `${id} is no event: it has no trailer Switchyard-Event`;
  if (!isEventType(type)) return `${id} is an event of a kind that is not known: ${type.slice(0, 40)}`;
  const verdict = one('Verdict');
  const change = one('Label-Change');
  const { name, email, time } = commit.author;
  const event: ProposalEvent = {
    id,
    parents: commit.parents,
    tree: commit.tree,
    type,
    by: { name, email },
    time: Math.min(Math.max(time, 0), latestTime),
    isSigned: hasSignature(raw),
    proposal: object('Proposal-Id'),
    base: one('Base'),
    baseCommit: object('Base-Commit'),
    head: object('Head'),
    key: one('Key'),
    labels: trailers.get('Label') ?? [],
    change: change === 'add' || change === 'remove' ? change : undefined,
    slot: one('Slot'),
    checks: trailers.get('Check') ?? [],
    verdict: isVerdict(verdict) ? verdict : undefined,
    commit: object('Merge-Commit'),
    supersededBy: Number(one('Superseded-By')) || undefined,
    supersededByProposal: object('Superseded-By-Id'),
  };
  if (event.labels.length > maxNames || event.checks.length > maxNames) {
    return `${id} names more than ${maxNames} labels or checks`;
  }
  const missing = needed[type].filter((field) => event[field] === undefined);
  if (type !== 'opened' && type !== 'joined' && event.proposal === undefined) missing.push('proposal');
  return missing.length === 0 ? event : `${id} lacks ${missing.join(', ')} for "${type}"`;
}

/** Bytes of a message hold the text of `event.json` once more, and what it costs to escape it. */
const maxBytes = 16 * 1024 * 1024;
/** Labels, or checks, of one event: as many as people read. */
const maxNames = 100;

/** Whether the header of a commit object holds a signature. */
export function hasSignature(bytes: Buffer): boolean {
  const end = bytes.indexOf('\n\n');
  const at = bytes.indexOf('\ngpgsig');
  return at >= 0 && at < (end < 0 ? bytes.length : end);
}

/** What an event of each type must say. */
const needed: Record<EventType, (keyof ProposalEvent)[]> = {
  opened: ['base', 'baseCommit', 'head', 'key'],
  updated: ['base', 'baseCommit', 'head'],
  commented: ['slot'],
  checked: ['head'],
  reviewed: ['base', 'baseCommit', 'head', 'verdict'],
  labelled: ['base', 'baseCommit', 'head', 'change'],
  merged: ['head', 'commit'],
  closed: [],
  superseded: ['supersededBy'],
  joined: [],
};

/** The end of the year 9999: a commit may carry any number. */
const latestTime = 253_402_300_799;

function isEventType(text: string): text is EventType {
  return Object.hasOwn(needed, text);
}

function isVerdict(text: string | undefined): text is Review['verdict'] {
  return text === 'approve' || text === 'request-changes' || text === 'comment';
}
