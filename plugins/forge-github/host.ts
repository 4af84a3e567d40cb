import type { Merge } from '../../core/capabilities/forge.ts';
import type { ForgeHost, Note, Pull, PullQuery } from '../../core/capabilities/hosted-forge/index.ts';
import { readChecks, reportChecks } from './checks.ts';
import { answered, type GitHub, Refusal, refusable, refused } from './client.ts';
import { compareCommit, makeCommit, readCommit } from './commit.ts';
import { actorOf, labelsOf, pushesOf, reviewsOf } from './history.ts';

/** GitHub as a host of pull requests into one branch. */
export function gitHubHost(github: GitHub, reference: string, now: () => number = Date.now): ForgeHost {
  const { repository, where } = github;
  const base = reference.replace(/^refs\/heads\//, '');
  const issue = (number: number) => ({ ...repository, issue_number: number });

  return {
    where,
    limits: { title: 256, body: 65_536 },
    self: async () => (await github.connect()).self(),
    headReference: (number) => `refs/pull/${number}/head`,
    reviewPage: ({ url }) => `${url}/files`,

    async *pulls({ state, branch }: PullQuery) {
      const { octokit } = await github.connect();
      const pages = octokit.paginate
        .iterator('GET /repos/{owner}/{repo}/pulls', {
          ...repository,
          state: state === undefined ? 'all' : state === 'open' ? 'open' : 'closed',
          base,
          sort: 'created',
          direction: 'desc',
          per_page: 100,
          ...(branch === undefined ? {} : { head: `${repository.owner}:${branch}` }),
        })
        [Symbol.asyncIterator]();
      for (;;) {
        const page = await answered(pages.next());
        if (page.done) return;
        for (const each of page.value.data) {
          const pull = pullOf(each);
          if (state === undefined || pull.state === state) yield pull;
        }
      }
    },

    async pull(number) {
      const { octokit } = await github.connect();
      const answer = await refusable(
        octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...repository,
          pull_number: number,
        }),
        404,
      );
      if (answer instanceof Refusal) return undefined;
      const { merged_by } = answer.data;
      const pull = pullOf(answer.data);
      return merged_by && pull.state === 'merged' ? { ...pull, closedBy: actorOf(merged_by) } : pull;
    },

    async detail(pull) {
      const [pushes, closed] = await Promise.all([pushesOf(github, pull), closedBy(pull)]);
      const labels = await labelsOf(github, pull, pushes);
      return { ...pull, ...closed, labels, pushes: pushes.length > 0 ? pushes : pull.pushes };
    },

    async openPull(branch, title, body) {
      const { octokit } = await github.connect();
      const answer = await refusable(
        octokit.request('POST /repos/{owner}/{repo}/pulls', {
          ...repository,
          title,
          body,
          head: branch,
          base,
        }),
        422,
      );
      if (!(answer instanceof Refusal)) return pullOf(answer.data);
      if (/already exists/i.test(answer.message)) return undefined;
      throw refused(where, answer);
    },

    async editPull(number, change) {
      const { octokit } = await github.connect();
      await answered(
        octokit.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...repository,
          pull_number: number,
          ...change,
        }),
      );
    },

    async closePull(number) {
      const { octokit } = await github.connect();
      await answered(
        octokit.request('PATCH /repos/{owner}/{repo}/pulls/{pull_number}', {
          ...repository,
          pull_number: number,
          state: 'closed',
        }),
      );
    },

    async branch(name) {
      const { octokit } = await github.connect();
      const answer = await refusable(
        octokit.request('GET /repos/{owner}/{repo}/git/ref/{ref}', { ...repository, ref: `heads/${name}` }),
        404,
        409,
      );
      return answer instanceof Refusal ? undefined : answer.data.object.sha;
    },

    async deleteBranch(name) {
      const { octokit } = await github.connect();
      await refusable(
        octokit.request('DELETE /repos/{owner}/{repo}/git/refs/{ref}', {
          ...repository,
          ref: `heads/${name}`,
        }),
        404,
        409,
        422,
      );
    },

    async commit(draft, branch, replaces) {
      const { octokit } = await github.connect();
      const sha = await makeCommit(github, draft, now());
      // GitHub moves a branch to where it is told, whatever it names: this look leaves a gap of one round trip.
      if (replaces !== null && (await this.branch(branch)) !== replaces) return undefined;
      const answer = await refusable<unknown>(
        replaces === null
          ? octokit.request('POST /repos/{owner}/{repo}/git/refs', {
              ...repository,
              ref: `refs/heads/${branch}`,
              sha,
            })
          : octokit.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
              ...repository,
              ref: `heads/${branch}`,
              sha,
              force: true,
            }),
        409,
        422,
      );
      if (!(answer instanceof Refusal)) return sha;
      if (/already exists|does not exist/i.test(answer.message)) return undefined;
      throw refused(where, answer);
    },

    compare: (commit, draft) => compareCommit(github, commit, draft),
    async parents(commit) {
      return (await readCommit(github, commit)).parents.map(({ sha }) => sha);
    },

    async notes(number) {
      const { octokit } = await github.connect();
      const answer = await refusable(
        octokit.paginate('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          ...issue(number),
          per_page: 100,
        }),
        404,
      );
      if (answer instanceof Refusal) return undefined;
      return answer.map(
        ({ id, body = '', user, updated_at }): Note => ({
          id: String(id),
          body,
          by: actorOf(user),
          at: updated_at,
        }),
      );
    },

    async addNote(number, body) {
      const { octokit } = await github.connect();
      await answered(
        octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
          ...issue(number),
          body,
        }),
      );
    },

    async editNote(_number, id, body) {
      const { octokit } = await github.connect();
      await answered(
        octokit.request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
          ...repository,
          comment_id: Number(id),
          body,
        }),
      );
    },

    async deleteNote(_number, id) {
      const { octokit } = await github.connect();
      await refusable(
        octokit.request('DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}', {
          ...repository,
          comment_id: Number(id),
        }),
        404,
      );
    },

    async addLabels(number, names) {
      const { octokit } = await github.connect();
      await answered(
        octokit.request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
          ...issue(number),
          labels: [...names],
        }),
      );
    },

    async removeLabel(number, name) {
      const { octokit } = await github.connect();
      await refusable(
        octokit.request('DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}', {
          ...issue(number),
          name,
        }),
        404,
      );
    },

    reviews: (pull) => reviewsOf(github, pull),
    report: (_pull, head, checks) => reportChecks(github, head, checks),
    checks: (_pull, head) => readChecks(github, head),

    async mergePull({ number }, { expectedHead, message }: Merge) {
      const { octokit } = await github.connect();
      const [title = '', ...rest] = message.trim().split('\n');
      const answer = await refusable(
        octokit.request('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
          ...repository,
          pull_number: number,
          sha: expectedHead,
          merge_method: 'merge',
          commit_title: title,
          commit_message: rest.join('\n').trim(),
        }),
        405,
        409,
        422,
      );
      return answer instanceof Refusal ? { refused: answer.message } : { commit: answer.data.sha };
    },
  };

  /** Only the issue of a pull request says who closed it. */
  async function closedBy({ number, state }: Pull): Promise<Pick<Pull, 'closedBy'>> {
    if (state !== 'closed') return {};
    const { octokit } = await github.connect();
    const { data } = await answered(
      octokit.request('GET /repos/{owner}/{repo}/issues/{issue_number}', issue(number)),
    );
    return data.closed_by ? { closedBy: actorOf(data.closed_by) } : {};
  }
}

/** What lists and single answers have in common. */
interface Shown {
  readonly number: number;
  readonly html_url: string;
  readonly state: string;
  readonly title: string;
  readonly body: string | null;
  readonly user: { readonly login: string } | null;
  readonly head: {
    readonly ref: string;
    readonly sha: string;
    readonly repo: { readonly id: number | bigint } | null;
  };
  readonly base: { readonly ref: string; readonly repo: { readonly id: number | bigint } };
  readonly labels: readonly { readonly name?: string }[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  readonly merged_at: string | null;
  readonly merge_commit_sha: string | null;
}

function pullOf(shown: Shown): Pull {
  const isMerged = shown.merged_at !== null;
  const author = actorOf(shown.user);
  const { head, base } = shown;
  return {
    number: shown.number,
    url: shown.html_url,
    state: isMerged ? 'merged' : shown.state === 'open' ? 'open' : 'closed',
    title: shown.title,
    body: shown.body ?? '',
    author,
    branch: head.ref,
    // Of a fork that was deleted there is no repository left.
    fromFork: head.repo?.id !== base.repo.id,
    base: `refs/heads/${base.ref}`,
    head: head.sha,
    pushes: [{ by: author, head: head.sha, at: shown.created_at, proof: { type: 'none' } }],
    labels: shown.labels.map(({ name = '' }) => ({ name, proof: { type: 'forge' } })),
    openedAt: shown.created_at,
    updatedAt: shown.updated_at,
    ...(shown.closed_at === null ? {} : { closedAt: shown.closed_at }),
    ...(isMerged && shown.merge_commit_sha !== null ? { mergedAs: shown.merge_commit_sha } : {}),
  };
}
