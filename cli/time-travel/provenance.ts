import type { Commit } from '../../libraries/git/repository.ts';
import { readTrailers } from '../../libraries/git/trailers.ts';

/** Who wanted a change and who allowed it, as the commit that brought it says. */
export interface Provenance {
  readonly commit: string;
  /** RFC 3339, of the committer. */
  readonly time: string;
  readonly author: string;
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

/** Reads what a commit on the base branch says of itself. Trailers are words of whoever wrote the commit. */
export function provenanceOf({ id, author, committer, message }: Commit): Provenance {
  const trailers = readTrailers(message);
  const one = (name: string) => trailers.get(name)?.[0] ?? null;
  const number = Number(one('Switchyard-Proposal'));
  const [subject = ''] = message.split('\n', 1);
  return {
    commit: id,
    time: new Date(committer.time * 1000).toISOString(),
    author: `${author.name} <${author.email}>`,
    subject: subject.replace(/^Merge proposal \d+: /, ''),
    proposal: Number.isSafeInteger(number) && number > 0 ? number : null,
    proposalUrl: one('Switchyard-Proposal-Url'),
    head: one('Switchyard-Head'),
    approvedBy: trailers.get('Approved-by') ?? [],
    checks: (one('Switchyard-Checks') ?? '').split(', ').filter(Boolean),
    breakGlass: one('Break-Glass'),
  };
}
