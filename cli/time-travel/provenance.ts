import type { Commit, Repository } from '../../libraries/git/repository.ts';
import { readTrailers } from '../../libraries/git/trailers.ts';

/** Who wanted a change and who allowed it, as the commit that brought it says. */
export interface Provenance {
  readonly commit: string;
  /** RFC 3339, of the committer. */
  readonly time: string;
  /** Who wrote what was changed: the author of the proposal's head, where one was merged. `Name <address>`. */
  readonly author: string;
  /** Who merged the proposal; null where the commit is no merge. `Name <address>`. */
  readonly mergedBy: string | null;
  readonly subject: string;
  /** The number of the proposal; null where the commit came without one. */
  readonly proposal: number | null;
  readonly proposalUrl: string | null;
  /** The commit that was proposed. */
  readonly head: string | null;
  /** `Name <address>`. */
  readonly approvedBy: readonly string[];
  /** `name=outcome`. */
  readonly checks: readonly string[];
  readonly breakGlass: string | null;
}

/**
 * Reads what a commit on the base branch says of itself. Trailers are words of whoever wrote the commit. The merge of a
 * proposal was made by whoever merged it, or by the platform for them (`Merged-for`); its second parent is what was proposed.
 */
export async function provenanceOf(
  repository: Pick<Repository, 'commit'>,
  { id, author, committer, message, parents }: Commit,
): Promise<Provenance> {
  const trailers = readTrailers(message);
  const one = (name: string) => trailers.get(name)?.[0] ?? null;
  const number = Number(one('Switchyard-Proposal'));
  const [subject = ''] = message.split('\n', 1);
  const isProposal = Number.isSafeInteger(number) && number > 0;
  const [, head] = parents;
  const isMerge = isProposal && head !== undefined;
  // A clone that is cut off in depth has the merge and not what was merged.
  const proposed = isMerge ? await repository.commit(head).catch(() => undefined) : undefined;
  const mergedBy = one('Merged-for') ?? (isMerge ? nameOf(author) : null);
  return {
    commit: id,
    time: new Date(committer.time * 1000).toISOString(),
    author: nameOf(proposed?.author ?? author),
    mergedBy,
    subject: subject.replace(/^Merge proposal \d+: /, ''),
    proposal: isProposal ? number : null,
    proposalUrl: one('Switchyard-Proposal-Url'),
    head: one('Switchyard-Head'),
    approvedBy: trailers.get('Approved-by') ?? [],
    checks: (one('Switchyard-Checks') ?? '').split(', ').filter(Boolean),
    breakGlass: one('Break-Glass'),
  };
}

function nameOf({ name, email }: Commit['author']): string {
  return `${name} <${email}>`;
}
