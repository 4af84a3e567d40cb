import { createHash } from 'node:crypto';
import type { Draft } from '../../core/capabilities/forge.ts';
import type { CommitDraft, Repository } from '../../libraries/git/repository.ts';

/** The commit that a draft asks for, for the branch of its proposal. */
export function commitOf(draft: Draft): CommitDraft {
  return {
    message: draft.message,
    author: draft.author,
    parents: [draft.on],
    changes: draft.changes,
    ...(draft.sign && { sign: draft.sign }),
  };
}

/** sha256 of all that a draft says: the same digest is the same draft. */
export function digestOf(draft: Draft): string {
  const { key, on, message, title, body, author, labels = [] } = draft;
  const changes = [...draft.changes]
    .map(([path, content]) => [path, content === null ? null : sha256(content)])
    .sort(([one], [other]) => (one! < other! ? -1 : 1));
  const { name, email } = author;
  return sha256(JSON.stringify([key, on, changes, message, title, body, name, email, [...labels].sort()]));
}

/** Whether a commit is what a draft asks for, but for its time and its signature. */
export async function isCommitOf(repository: Repository, commit: string, draft: Draft): Promise<boolean> {
  const found = await repository.commit(commit);
  if (found.parents.join() !== draft.on || found.author.email !== draft.author.email) return false;
  const { sign: _sign, ...unsigned } = commitOf(draft);
  const same = await repository.commit(await repository.makeCommit({ ...unsigned, time: found.author.time }));
  return same.tree === found.tree && same.message === found.message;
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
