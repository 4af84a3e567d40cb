import { formatCommit } from './commit.ts';
import { editTree } from './edit-tree.ts';
import { commitRefused } from './errors.ts';
import { type NewObject, newObject, type ObjectFormat } from './object-id.ts';
import { checkReference } from './reference-name.ts';
import type { Commit, Person, Write } from './repository.ts';

export interface NewCommit {
  readonly id: string;
  readonly author: Person;
  /** All that the commit adds, itself last. */
  readonly objects: readonly NewObject[];
}

export interface ObjectReader {
  readonly format: ObjectFormat;
  commit(id: string): Promise<Commit>;
  rawTree(id: string): Promise<Buffer>;
}

/** Makes the objects of a commit, and writes nothing. */
export async function makeCommit(change: Write, from: ObjectReader, time: number): Promise<NewCommit> {
  checkReference(change.reference);
  if (change.message.includes('\0')) throw commitRefused('its message holds a NUL character');
  const author = { name: clean(change.author.name), email: clean(change.author.email), time };
  if (author.name === '' || author.email === '')
    throw commitRefused('its author has no name or no e-mail address');
  const parents = change.parents ?? (change.expected === null ? [] : [change.expected]);
  const base = parents[0] === undefined ? undefined : (await from.commit(parents[0])).tree;
  const { root, objects } = await editTree(base, change.changes, from.format, (id) => from.rawTree(id));
  const bytes = formatCommit({ tree: root, parents, author, committer: author, message: change.message });
  const commit = newObject('commit', bytes, from.format);
  return { id: commit.id, author, objects: [...objects, commit] };
}

/** What would break a line of the commit object goes, as Git does it. */
function clean(text: string): string {
  return text.replace(/[<>\n\r\0]/g, '').trim();
}
