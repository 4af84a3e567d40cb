import { addSignature, formatCommit, parseCommit } from './commit.ts';
import { editTree } from './edit-tree.ts';
import { commitRefused } from './errors.ts';
import { isObjectId, type NewObject, newObject, type ObjectFormat } from './object-id.ts';
import type { Commit, CommitDraft, Identity, NextCommit, Person, Write } from './repository.ts';

export interface NewCommit {
  readonly id: string;
  readonly committer: Person;
  /** All that the commit adds, itself last. */
  readonly objects: readonly NewObject[];
}

export interface ObjectReader {
  readonly format: ObjectFormat;
  commit(id: string): Promise<Commit>;
  rawTree(id: string): Promise<Buffer>;
}

/** A write as the draft of its commit: what it expects is the first parent, unless it names others. */
export function draftOf(change: Write): CommitDraft {
  return { ...change, parents: change.parents ?? (change.expected === null ? [] : [change.expected]) };
}

/** Makes the objects of several commits, of which each may stand on those before it, and writes nothing. */
export async function assembleCommits(
  drafts: readonly NextCommit[],
  from: ObjectReader,
): Promise<{ readonly ids: readonly string[]; readonly objects: readonly NewObject[] }> {
  const made = new Map<string, NewObject>();
  const reader: ObjectReader = {
    format: from.format,
    commit: async (id) => {
      const own = made.get(id);
      return own === undefined ? from.commit(id) : parseCommit(id, Buffer.from(own.bytes));
    },
    rawTree: async (id) => {
      const own = made.get(id);
      return own === undefined ? from.rawTree(id) : Buffer.from(own.bytes);
    },
  };
  const ids: string[] = [];
  for (const draft of drafts) {
    const { id, objects } = await assembleCommit(draft(ids), reader);
    for (const object of objects) made.set(object.id, object);
    ids.push(id);
  }
  return { ids, objects: [...made.values()] };
}

/** Makes the objects of a commit, signed where asked, and writes nothing. Throws `CommitRefused` or `PathRefused`. */
export async function assembleCommit(draft: CommitDraft, from: ObjectReader): Promise<NewCommit> {
  const { message, parents = [], time = Math.floor(Date.now() / 1000) } = draft;
  if (message.includes('\0')) throw commitRefused('its message holds a NUL character');
  if (!Number.isSafeInteger(time) || time < 0) throw commitRefused('its time is no whole number of seconds');
  const author = person(draft.author, 'author', time);
  const committer = draft.committer === undefined ? author : person(draft.committer, 'committer', time);
  for (const parent of parents) {
    if (!isObjectId(parent)) throw commitRefused(`its parent ${JSON.stringify(parent)} is no id of a commit`);
  }
  const [first] = await Promise.all(parents.map((parent) => from.commit(parent)));
  const base = draft.tree ?? first?.tree;
  const { root, objects } = await editTree(base, draft.changes ?? new Map(), from.format, (id) =>
    from.rawTree(id),
  );
  const unsigned = formatCommit({ tree: root, parents, author, committer, message });
  const bytes = draft.sign === undefined ? unsigned : await sign(unsigned, draft.sign, from.format);
  const commit = newObject('commit', bytes, from.format);
  return { id: commit.id, committer, objects: [...objects, commit] };
}

async function sign(
  unsigned: Buffer,
  signer: NonNullable<CommitDraft['sign']>,
  format: ObjectFormat,
): Promise<Buffer> {
  const signature = await signer(unsigned);
  if (!/^-----BEGIN [A-Z ]+-----\r?\n[^\0]*-----END [A-Z ]+-----\s*$/.test(signature)) {
    throw commitRefused('its signature is not armored');
  }
  return addSignature(unsigned, signature, format);
}

function person(identity: Identity, role: string, time: number): Person {
  const cleaned = { name: clean(identity.name), email: clean(identity.email), time };
  if (cleaned.name === '' || cleaned.email === '')
    throw commitRefused(`its ${role} has no name or no e-mail address`);
  return cleaned;
}

/** What would break a line of the commit object goes, as Git does it. */
function clean(text: string): string {
  return text.replace(/[<>\n\r\0]/g, '').trim();
}
