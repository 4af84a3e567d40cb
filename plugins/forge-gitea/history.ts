import type { Actor, Label, Push, Review } from '../../core/capabilities/forge.ts';
import { headAt, type Pull, Refusal } from '../../core/capabilities/hosted-forge/index.ts';
import { collected, type Gitea } from './client.ts';
import type { CommitShown, EventShown, ReviewShown, User, Written } from './shapes.ts';

export function actorOf(user: User | null | undefined): Actor {
  const account = user?.login || 'ghost';
  return { name: user?.full_name || account, account };
}

/** What the timeline and the commits tell of a pull request: who pushed, who labelled, who closed. */
export async function historyOf(
  gitea: Gitea,
  pull: Pull,
): Promise<Pick<Pull, 'pushes' | 'labels' | 'closedBy'>> {
  const { number, labels, state } = pull;
  const [events, commits] = await Promise.all([
    list(gitea.pages<EventShown>(`/issues/${number}/timeline`)),
    list(gitea.pages<CommitShown>(`/pulls/${number}/commits`)),
  ]);
  const pushes = [...written(commits), ...pushed(pull, events, commits)];
  const closed = events.findLast(({ type }) => type === 'close');
  return {
    pushes,
    labels: labels.map((label) => withHistory(label, events, pushes)),
    ...(state === 'closed' && closed ? { closedBy: actorOf(closed.user) } : {}),
  };
}

/** The names in the commits, without proof; oldest first. */
function written(commits: readonly CommitShown[]): readonly Push[] {
  return [...commits].reverse().flatMap(({ sha, author, committer, commit }) => {
    const people = [byOf(author, commit.author), byOf(committer, commit.committer)];
    const isOne = people[0]?.email === people[1]?.email;
    const at = commit.committer?.date ?? new Date(0).toISOString();
    return people.slice(isOne ? 1 : 0).map((by): Push => ({ by, head: sha, at, proof: { type: 'none' } }));
  });
}

function byOf(user: User | null, person: Written | null): Actor {
  return {
    name: person?.name ?? user?.login ?? 'ghost',
    ...(person === null ? {} : { email: person.email }),
    ...(user?.login ? { account: user.login } : {}),
  };
}

/** What Gitea saw: whoever opened it brought the first head, and each later push is an event with who did it. */
function pushed(pull: Pull, events: readonly EventShown[], commits: readonly CommitShown[]): readonly Push[] {
  const later: Push[] = [];
  let first: string | undefined;
  for (const event of events) {
    if (event.type !== 'pull_push') continue;
    const { isForced, ids } = contentOf(event);
    const head = ids.at(-1);
    if (head === undefined) continue;
    // Of a forced push the ids are the one before and the one after.
    if (later.length === 0) first = isForced ? ids[0] : parentOf(ids[0], commits);
    later.push({ by: actorOf(event.user), head, at: event.created_at, proof: { type: 'forge' } });
  }
  const initial = later.length === 0 ? pull.head : first;
  if (initial === undefined) return later;
  return [{ by: pull.author, head: initial, at: pull.openedAt, proof: { type: 'forge' } }, ...later];
}

function contentOf({ body }: EventShown): { readonly isForced: boolean; readonly ids: readonly string[] } {
  try {
    const { is_force_push, commit_ids } = JSON.parse(body) as {
      is_force_push?: unknown;
      commit_ids?: unknown;
    };
    const ids = Array.isArray(commit_ids) ? commit_ids.filter((id) => typeof id === 'string') : [];
    return { isForced: is_force_push === true, ids };
  } catch {
    return { isForced: false, ids: [] };
  }
}

function parentOf(commit: string | undefined, commits: readonly CommitShown[]): string | undefined {
  return commits.find(({ sha }) => sha === commit)?.parents?.[0]?.sha;
}

function withHistory(label: Label, events: readonly EventShown[], pushes: readonly Push[]): Label {
  // Of a label that was taken away the body is empty.
  const added = events.findLast(
    ({ type, body, label: named }) => type === 'label' && body !== '' && named?.name === label.name,
  );
  if (added === undefined) return label;
  const head = headAt(pushes, added.created_at);
  return { ...label, by: actorOf(added.user), at: added.created_at, ...(head === undefined ? {} : { head }) };
}

/**
 * Reviews. One that was dismissed is a comment. One that Gitea calls stale although it names the head is for no head that
 * there is: what was looked at changed since.
 */
export async function reviewsOf(gitea: Gitea, pull: Pull): Promise<readonly Review[]> {
  const reviews = await list(gitea.pages<ReviewShown>(`/pulls/${pull.number}/reviews`));
  return reviews
    .filter(({ state }) => ['APPROVED', 'REQUEST_CHANGES', 'COMMENT'].includes(state))
    .map(({ user, state, body, commit_id, stale, dismissed, submitted_at }) => ({
      by: actorOf(user),
      verdict: dismissed ? 'comment' : (verdicts[state] ?? 'comment'),
      head: stale && commit_id === pull.head ? '' : commit_id,
      at: submitted_at,
      body,
      proof: { type: 'forge' },
    }));
}

const verdicts: Readonly<Record<string, Review['verdict']>> = {
  APPROVED: 'approve',
  REQUEST_CHANGES: 'request-changes',
};

async function list<T>(pages: AsyncIterable<T>): Promise<readonly T[]> {
  const items = await collected(pages);
  return items instanceof Refusal ? [] : items;
}
