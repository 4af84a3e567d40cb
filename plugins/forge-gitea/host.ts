import { setTimeout as sleep } from 'node:timers/promises';
import type { Merge } from '../../core/capabilities/forge.ts';
import {
  type ForgeHost,
  type Note,
  type Pull,
  type PullQuery,
  Refusal,
} from '../../core/capabilities/hosted-forge/index.ts';
import { readChecks, reportChecks } from './checks.ts';
import { answered, collected, type Gitea, tried } from './client.ts';
import { branchHead, commitDraft, compareCommit, draftBranchOf, readCommit, removeBranch } from './commit.ts';
import { actorOf, historyOf, reviewsOf } from './history.ts';
import type { CommentShown, PullShown, User } from './shapes.ts';

/** Gitea (and Forgejo) as a host of pull requests into one branch. */
export function giteaHost(gitea: Gitea, reference: string): ForgeHost {
  const { where } = gitea;
  const base = reference.replace(/^refs\/heads\//, '');
  let self: Promise<string | undefined> | undefined;

  return {
    where,
    limits: { title: 255, body: 1_000_000 },
    headReference: (number) => `refs/pull/${number}/head`,
    reviewPage: ({ url }) => `${url}/files`,
    self() {
      self ??= whoAmI().catch((error) => {
        self = undefined;
        throw error;
      });
      return self;
    },

    async *pulls({ state, branch }: PullQuery) {
      const pages = gitea
        .pages<PullShown>('/pulls', {
          state: state === undefined ? 'all' : state === 'open' ? 'open' : 'closed',
        })
        [Symbol.asyncIterator]();
      for (;;) {
        const next = await answered(pages.next());
        if (next.done) return;
        const pull = pullOf(next.value);
        if (pull.base !== `refs/heads/${base}` || (state !== undefined && pull.state !== state)) continue;
        if (branch === undefined || (pull.branch === branch && !pull.fromFork)) yield pull;
      }
    },

    async pull(number) {
      const answer = await tried(gitea.ask<PullShown>('GET', `/pulls/${number}`), 404);
      return answer instanceof Refusal ? undefined : pullOf(answer);
    },

    detail: async (pull) => ({ ...pull, ...(await historyOf(gitea, pull)) }),

    async openPull(branch, title, body) {
      const asked = gitea.ask<PullShown>('POST', '/pulls', { body: { title, body, head: branch, base } });
      const answer = await tried(asked, 409);
      return answer instanceof Refusal ? undefined : pullOf(answer);
    },

    async editPull(number, change) {
      await answered(gitea.ask('PATCH', `/pulls/${number}`, { body: change }));
    },
    async closePull(number) {
      await answered(gitea.ask('PATCH', `/pulls/${number}`, { body: { state: 'closed' } }));
    },

    branch: (name) => branchHead(gitea, name),
    async deleteBranch(name) {
      await removeBranch(gitea, name);
      // A process may have ended before it could.
      await removeBranch(gitea, draftBranchOf(name));
    },
    commit: (draft, branch, replaces) => commitDraft(gitea, draft, branch, replaces),
    compare: (commit, draft) => compareCommit(gitea, commit, draft),
    async parents(commit) {
      return ((await readCommit(gitea, commit)).parents ?? []).map(({ sha }) => sha);
    },

    async notes(number) {
      const answer = await tried(
        gitea.ask<readonly CommentShown[]>('GET', `/issues/${number}/comments`),
        404,
      );
      if (answer instanceof Refusal) return undefined;
      return answer.map(
        ({ id, body, user, updated_at }): Note => ({
          id: String(id),
          body,
          by: actorOf(user),
          at: updated_at,
        }),
      );
    },
    async addNote(number, body) {
      await answered(gitea.ask('POST', `/issues/${number}/comments`, { body: { body } }));
    },
    async editNote(_number, id, body) {
      await answered(gitea.ask('PATCH', `/issues/comments/${id}`, { body: { body } }));
    },
    async deleteNote(_number, id) {
      await tried(gitea.ask('DELETE', `/issues/comments/${id}`), 404);
    },

    async addLabels(number, names) {
      const labels: number[] = [];
      for (const name of names) labels.push(await labelId(name));
      await answered(gitea.ask('POST', `/issues/${number}/labels`, { body: { labels } }));
    },
    async removeLabel(number, name) {
      const there = await answered(
        gitea.ask<readonly { readonly id: number; readonly name: string }[]>(
          'GET',
          `/issues/${number}/labels`,
        ),
      );
      const found = there.find((label) => label.name === name);
      if (found !== undefined) await tried(gitea.ask('DELETE', `/issues/${number}/labels/${found.id}`), 404);
    },

    reviews: (pull) => reviewsOf(gitea, pull),
    report: (_pull, head, checks) => reportChecks(gitea, head, checks),
    checks: (_pull, head) => readChecks(gitea, head),

    async mergePull({ number }, { expectedHead, message }: Merge) {
      await settled(number);
      const [title = '', ...rest] = message.trim().split('\n');
      const body = {
        Do: 'merge',
        MergeTitleField: title,
        MergeMessageField: rest.join('\n').trim(),
        head_commit_id: expectedHead,
      };
      const answer = await tried(gitea.ask('POST', `/pulls/${number}/merge`, { body }), 404, 405, 409, 422);
      if (answer instanceof Refusal) return { refused: answer.message };
      const { merge_commit_sha: commit } = await answered(gitea.ask<PullShown>('GET', `/pulls/${number}`));
      return commit ? { commit } : { refused: 'it does not say which commit it became' };
    },
  };

  /** Gitea judges whether it can merge a while after each push, and refuses to merge before. */
  async function settled(number: number): Promise<void> {
    for (let attempt = 0; attempt < 8; attempt++) {
      const { mergeable, state } = await answered(gitea.ask<PullShown>('GET', `/pulls/${number}`));
      if (mergeable || state !== 'open') return;
      await sleep(250);
    }
  }

  /** The id of a label of the repository, which is made where it is not there yet. */
  async function labelId(name: string): Promise<number> {
    const labels = await collected(gitea.pages<{ readonly id: number; readonly name: string }>('/labels'));
    const found = labels instanceof Refusal ? undefined : labels.find((label) => label.name === name);
    if (found !== undefined) return found.id;
    const body = { name, color: '#5319e7' };
    return (await answered(gitea.ask<{ readonly id: number }>('POST', '/labels', { body }))).id;
  }

  async function whoAmI(): Promise<string | undefined> {
    const answer = await tried(gitea.askApi<User>('GET', '/user'), 401, 403, 404);
    return answer instanceof Refusal ? undefined : answer.login;
  }
}

function pullOf(shown: PullShown): Pull {
  const author = actorOf(shown.user);
  const { head, base } = shown;
  const isMerged = shown.merged;
  const closedAt = isMerged ? shown.merged_at : shown.closed_at;
  return {
    number: shown.number,
    url: shown.html_url,
    state: isMerged ? 'merged' : shown.state,
    title: shown.title,
    body: shown.body ?? '',
    author,
    branch: head.label,
    fromFork: head.repo_id !== base.repo_id,
    base: `refs/heads/${base.ref}`,
    head: head.sha,
    pushes: [{ by: author, head: head.sha, at: shown.created_at, proof: { type: 'none' } }],
    labels: (shown.labels ?? []).map(({ name }) => ({ name, proof: { type: 'forge' } })),
    openedAt: shown.created_at,
    updatedAt: shown.updated_at,
    ...(closedAt ? { closedAt } : {}),
    ...(isMerged && shown.merged_by ? { closedBy: actorOf(shown.merged_by) } : {}),
    ...(isMerged && shown.merge_commit_sha ? { mergedAs: shown.merge_commit_sha } : {}),
  };
}
