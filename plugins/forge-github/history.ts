import type { Actor, Label, Push, Review } from '../../core/capabilities/forge.ts';
import { headAt, type Pull } from '../../core/capabilities/hosted-forge/index.ts';
import { answered, type GitHub, Refusal, refusable } from './client.ts';

type User = { readonly login: string } | null | undefined;

export function actorOf(user: User): Actor {
  // The account of somebody who left.
  const login = user?.login ?? 'ghost';
  return { name: login, account: login };
}

/**
 * Who put commits on the branch. What GitHub saw being pushed is proven by it (the repository's activity; not for forks,
 * and not on every GitHub Enterprise); the names in the commits are what somebody wrote there.
 */
export async function pushesOf(github: GitHub, pull: Pull): Promise<readonly Push[]> {
  const [written, seen] = await Promise.all([commitsOf(github, pull), activityOf(github, pull)]);
  return [...written, ...seen];
}

async function commitsOf(github: GitHub, { number }: Pull): Promise<readonly Push[]> {
  const { octokit } = await github.connect();
  const commits = await answered(
    octokit.paginate('GET /repos/{owner}/{repo}/pulls/{pull_number}/commits', {
      ...github.repository,
      pull_number: number,
      per_page: 100,
    }),
  );
  return commits.flatMap(({ sha, commit, author, committer }) => {
    const people = [
      { user: author, person: commit.author },
      { user: committer, person: commit.committer },
    ];
    const pushes = people.flatMap(({ user, person }): Push[] => {
      const login = (user as User)?.login;
      const by: Actor = {
        name: person?.name ?? login ?? 'ghost',
        ...(person?.email === undefined ? {} : { email: person.email }),
        ...(login === undefined ? {} : { account: login }),
      };
      return [{ by, head: sha, at: person?.date ?? new Date(0).toISOString(), proof: { type: 'none' } }];
    });
    const [first, second] = pushes;
    const isOne = first?.by.account === second?.by.account && first?.by.email === second?.by.email;
    return isOne ? pushes.slice(0, 1) : pushes;
  });
}

async function activityOf(github: GitHub, pull: Pull): Promise<readonly Push[]> {
  if (pull.fromFork) return [];
  const { octokit } = await github.connect();
  const answer = await refusable(
    octokit.request('GET /repos/{owner}/{repo}/activity', {
      ...github.repository,
      ref: `refs/heads/${pull.branch}`,
      per_page: 100,
    }),
    403,
    404,
    422,
  );
  if (answer instanceof Refusal) return [];
  const moves = answer.data
    .filter(({ activity_type }) => activity_type !== 'branch_deletion')
    .map(
      ({ actor, after, timestamp }): Push => ({
        by: actorOf(actor),
        head: after,
        at: timestamp,
        proof: { type: 'forge' },
      }),
    )
    .sort((left, right) => Date.parse(left.at) - Date.parse(right.at));
  // An earlier proposal may have had the same branch: the last move before this one was opened is its first.
  const opened = Date.parse(pull.openedAt);
  const first = moves.findLastIndex(({ at }) => Date.parse(at) <= opened);
  return moves.slice(Math.max(0, first));
}

/** The labels that are there now, with who added them last, and the head at that time where it is known. */
export async function labelsOf(
  github: GitHub,
  { number, labels }: Pull,
  pushes: readonly Push[],
): Promise<readonly Label[]> {
  if (labels.length === 0) return labels;
  const { octokit } = await github.connect();
  const events = await answered(
    octokit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/events', {
      ...github.repository,
      issue_number: number,
      per_page: 100,
    }),
  );
  return labels.map((label) => {
    const added = events.findLast(
      (event) => event.event === 'labeled' && 'label' in event && event.label?.name === label.name,
    );
    if (added === undefined) return label;
    const head = headAt(pushes, added.created_at);
    return {
      ...label,
      by: actorOf(added.actor),
      at: added.created_at,
      ...(head === undefined ? {} : { head }),
    };
  });
}

/** An approval that was dismissed is a comment: it stands no longer. One of an unknown commit is of none that there is. */
export async function reviewsOf(github: GitHub, { number }: Pull): Promise<readonly Review[]> {
  const { octokit } = await github.connect();
  const reviews = await answered(
    octokit.paginate('GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
      ...github.repository,
      pull_number: number,
      per_page: 100,
    }),
  );
  return reviews
    .filter(({ state }) => state !== 'PENDING')
    .map(({ user, state, commit_id, submitted_at, body }) => ({
      by: actorOf(user),
      verdict: verdicts[state] ?? 'comment',
      head: commit_id ?? '',
      at: submitted_at ?? new Date(0).toISOString(),
      body,
      proof: { type: 'forge' },
    }));
}

const verdicts: Readonly<Record<string, Review['verdict']>> = {
  APPROVED: 'approve',
  CHANGES_REQUESTED: 'request-changes',
};
