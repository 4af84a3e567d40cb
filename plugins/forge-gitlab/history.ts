import type { Actor, Label, Push, Review } from '../../core/capabilities/forge.ts';
import { headAt, type Pull, refusable } from '../../core/capabilities/hosted-forge/index.ts';
import { type GitLab, page } from './client.ts';

type User = { readonly username: string; readonly name?: string } | null | undefined;

export function actorOf(user: User): Actor {
  const account = user?.username ?? 'ghost';
  return { name: user?.name || account, account };
}

/** So long a page may show what is not there any more, in milliseconds. */
const pageIsOld = 10_000;

/**
 * Who put commits on the branch: the pushes that GitLab recorded as events of the project, and, without proof, the names
 * in the commits.
 */
export async function pushesOf(gitlab: GitLab, pull: Pull): Promise<readonly Push[]> {
  const [written, seen] = await Promise.all([commitsOf(gitlab, pull), eventsOf(gitlab, pull)]);
  return [...written, ...seen];
}

async function commitsOf({ mergeRequests, project }: GitLab, { number }: Pull): Promise<readonly Push[]> {
  const commits = await ask(mergeRequests.allCommits(project, number, { perPage: 100 }));
  // Newest first.
  return [...commits].reverse().flatMap((commit): Push[] => {
    const at = commit.committed_date ?? commit.created_at;
    const people: Actor[] = [{ name: commit.author_name, email: commit.author_email }];
    const { committer_name: name, committer_email: email } = commit;
    if (name !== undefined && email !== undefined && email !== commit.author_email)
      people.push({ name, email });
    return people.map((by) => ({ by, head: commit.id, at, proof: { type: 'none' } }));
  });
}

async function eventsOf({ events, project }: GitLab, pull: Pull): Promise<readonly Push[]> {
  if (pull.fromFork) return [];
  const day = 24 * 60 * 60 * 1000;
  // The date is left out itself, and the branch may be a little older than the merge request.
  const after = new Date(Date.parse(pull.openedAt) - 2 * day).toISOString().slice(0, 10);
  const query = { projectId: project, action: 'pushed', after, perPage: 100, maxPages: 20 } as const;
  const pushed = (await ask(events.all(query))) as unknown as readonly PushEvent[];
  const moves = pushed
    .filter(({ push_data }) => push_data?.ref_type === 'branch' && push_data.ref === pull.branch)
    .flatMap(({ author, created_at, push_data }): Push[] =>
      push_data?.commit_to
        ? [{ by: actorOf(author), head: push_data.commit_to, at: created_at, proof: { type: 'forge' } }]
        : [],
    )
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  // An earlier proposal may have had the same branch: the last move before this one was opened is its first.
  const first = moves.findLastIndex(({ at }) => Date.parse(at) <= Date.parse(pull.openedAt));
  return moves.slice(Math.max(0, first));
}

interface PushEvent {
  readonly author: User;
  readonly created_at: string;
  readonly push_data?: {
    readonly ref: string;
    readonly ref_type: string;
    readonly commit_to: string | null;
  };
}

/** The heads that a merge request had, as GitLab recorded them. */
async function versionsOf({ mergeRequests, project }: GitLab, { number }: Pull): Promise<readonly Push[]> {
  const versions = await ask(mergeRequests.allDiffVersions(project, number));
  return versions.map(({ head_commit_sha, created_at }) => ({
    by: { name: '' },
    head: head_commit_sha,
    at: created_at,
    proof: { type: 'forge' },
  }));
}

/** The labels that are there now, with who added them last, and the head at that time. */
export async function labelsOf(gitlab: GitLab, pull: Pull): Promise<readonly Label[]> {
  if (pull.labels.length === 0) return pull.labels;
  const { labelEvents, project } = gitlab;
  const [events, versions] = await Promise.all([
    ask(labelEvents.all(project, pull.number, { perPage: 100 })),
    versionsOf(gitlab, pull),
  ]);
  return pull.labels.map((label) => {
    const added = events.findLast(
      ({ action, label: named }) => action === 'add' && named?.name === label.name,
    );
    if (added === undefined) return label;
    const head = headAt(versions, added.created_at);
    return {
      ...label,
      by: actorOf(added.user),
      at: added.created_at,
      ...(head === undefined ? {} : { head }),
    };
  });
}

/**
 * Reviews, from what GitLab itself notes below a merge request ("approved this merge request", "requested changes") and from
 * the approvals that stand now. Which commit an approval was for GitLab does not say: it is taken for the version that was
 * recorded by then, and for the one before where that is younger than a page may be old. One whose time is unknown is for
 * no head that there is.
 */
export async function reviewsOf(gitlab: GitLab, pull: Pull): Promise<readonly Review[]> {
  const { notes, approvals, project } = gitlab;
  const [said, standing, versions] = await Promise.all([
    ask(notes.all(project, pull.number, { sort: 'asc', orderBy: 'created_at', perPage: 100 })),
    ask(approvals.showConfiguration(project, { mergerequestIId: pull.number } as never)),
    versionsOf(gitlab, pull),
  ]);
  const approvedBy = (standing as unknown as Standing).approved_by ?? [];
  const stands = new Set(approvedBy.map(({ user }) => user.username));
  const reviews: Review[] = [];
  said.forEach((note, index) => {
    const verdict = note.system ? verdicts[note.body.trim().replace(/\.$/, '')] : undefined;
    if (verdict === undefined) return;
    const by = actorOf(note.author);
    const isLast = !said
      .slice(index + 1)
      .some((later) => isApproval(later) && later.author.username === by.account);
    const isRevoked = verdict === 'approve' && !(isLast && stands.has(by.account ?? ''));
    reviews.push({
      by,
      verdict: isRevoked ? 'comment' : verdict,
      head: headAt(versions, note.created_at, pageIsOld) ?? '',
      at: note.created_at,
      body: wordsBefore(said, index),
      proof: { type: 'forge' },
    });
  });
  const noted = new Set(reviews.filter(({ verdict }) => verdict === 'approve').map(({ by }) => by.account));
  for (const { user, approved_at } of approvedBy) {
    if (noted.has(user.username)) continue;
    reviews.push({
      by: actorOf(user),
      verdict: 'approve',
      head: (approved_at && headAt(versions, approved_at, pageIsOld)) || '',
      at: approved_at ?? pull.updatedAt,
      body: '',
      proof: { type: 'forge' },
    });
  }
  return reviews;
}

interface Standing {
  readonly approved_by?: readonly {
    readonly user: { readonly username: string };
    readonly approved_at?: string;
  }[];
}

interface Said {
  readonly system: boolean;
  readonly body: string;
  readonly created_at: string;
  readonly author: { readonly username: string };
}

const verdicts: Readonly<Record<string, Review['verdict']>> = {
  'approved this merge request': 'approve',
  'requested changes': 'request-changes',
};

function isApproval(note: Said): boolean {
  return note.system && verdicts[note.body.trim().replace(/\.$/, '')] === 'approve';
}

/** Who submits a review with words has written a comment just before. */
function wordsBefore(said: readonly Said[], index: number): string {
  const review = said[index];
  for (let before = index - 1; review !== undefined && before >= 0; before--) {
    const note = said[before];
    if (note === undefined || Date.parse(review.created_at) - Date.parse(note.created_at) > 5_000) return '';
    if (note.author.username !== review.author.username) continue;
    return note.system ? '' : note.body;
  }
  return '';
}

async function ask<T>(asking: Promise<T>): Promise<T> {
  return (await refusable(page, asking)) as T;
}
