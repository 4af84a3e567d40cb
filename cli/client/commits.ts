import type { Head } from '../../core/kernel-api.ts';
import { usageError } from '../errors.ts';
import type { Api } from './api.ts';
import { ambiguousCommit, commitUnknown } from './errors.ts';

/**
 * The whole id of the commit that a person means by an id or by how it begins: the held one, the head, or one that was
 * read. A whole id is taken as it is. Throws `UsageError`, `CommitUnknown` or `AmbiguousCommit`.
 */
export async function commitMeant(api: Api, word: string): Promise<string> {
  const wanted = word.toLowerCase();
  if (wholeId.test(wanted)) return wanted;
  if (!beginning.test(wanted)) {
    throw usageError(
      `${JSON.stringify(word)} is not the id of a commit`,
      'Write at least 4 of its hexadecimal digits, as `switchyard status` shows them.',
    );
  }
  const [head, snapshots] = await Promise.all([
    api.get<Head>('/head'),
    api.get<{ items: readonly { commit: string }[] }>('/snapshots?limit=500'),
  ]);
  const known = [
    head.held?.commit,
    head.commit,
    head.applied,
    ...snapshots.items.map(({ commit }) => commit),
  ];
  return commitAmong(wanted, new Set(known.filter((commit) => typeof commit === 'string')));
}

/** The only commit that begins so. */
export function commitAmong(wanted: string, known: Iterable<string>): string {
  const found = [...known].filter((commit) => commit.startsWith(wanted));
  const [only, ...others] = found;
  if (only === undefined) throw commitUnknown(wanted);
  if (others.length > 0) throw ambiguousCommit(wanted, found);
  return only;
}

const wholeId = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const beginning = /^[0-9a-f]{4,63}$/;
