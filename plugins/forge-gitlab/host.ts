import { setTimeout as sleep } from 'node:timers/promises';
import type { MergeRequestSchema } from '@gitbeaker/core';
import type { Merge } from '../../core/capabilities/forge.ts';
import {
  type ForgeHost,
  type Note,
  type Pull,
  type PullQuery,
  Refusal,
  refusable,
} from '../../core/capabilities/hosted-forge/index.ts';
import { readChecks, reportChecks } from './checks.ts';
import { type GitLab, page } from './client.ts';
import { branchHead, commitDraft, compareCommit, parentsOf } from './commit.ts';
import { actorOf, labelsOf, pushesOf, reviewsOf } from './history.ts';
import { withoutOrders, withSlashes } from './quick-actions.ts';

/** GitLab as a host of merge requests into one branch. */
export function gitLabHost(gitlab: GitLab, reference: string): ForgeHost {
  const { project, where, mergeRequests, notes, branches, users } = gitlab;
  const base = reference.replace(/^refs\/heads\//, '');
  let self: Promise<string | undefined> | undefined;

  return {
    where,
    limits: { title: 255, body: 900_000 },
    headReference: (number) => `refs/merge-requests/${number}/head`,
    reviewPage: ({ url }) => `${url}/diffs`,
    self() {
      self ??= whoAmI().catch((error) => {
        self = undefined;
        throw error;
      });
      return self;
    },

    async *pulls({ state, branch }: PullQuery) {
      for (let number = 1; ; number++) {
        const found = await ask(
          mergeRequests.all({
            projectId: project,
            scope: 'all',
            state: state === undefined ? 'all' : state === 'open' ? 'opened' : state,
            targetBranch: base,
            orderBy: 'created_at',
            sort: 'desc',
            perPage: 100,
            page: number,
            ...(branch === undefined ? {} : { sourceBranch: branch }),
          } as never),
        );
        for (const each of found as unknown as readonly MergeRequestSchema[]) yield pullOf(each);
        if (found.length < 100) return;
      }
    },

    async pull(number) {
      const answer = await refusable(page, mergeRequests.show(project, number), 404);
      return answer instanceof Refusal ? undefined : pullOf(answer);
    },

    async detail(pull) {
      const [pushes, labels] = await Promise.all([pushesOf(gitlab, pull), labelsOf(gitlab, pull)]);
      return { ...pull, labels, pushes: pushes.length > 0 ? pushes : pull.pushes };
    },

    async openPull(branch, title, body) {
      const answer = await refusable(
        page,
        mergeRequests.create(project, branch, base, title, { description: withoutOrders(body) }),
        409,
      );
      return answer instanceof Refusal ? undefined : pullOf(answer);
    },

    async editPull(number, { title, body }) {
      await ask(
        mergeRequests.edit(project, number, {
          ...(title === undefined ? {} : { title }),
          ...(body === undefined ? {} : { description: withoutOrders(body) }),
        }),
      );
    },

    async closePull(number) {
      await ask(mergeRequests.edit(project, number, { stateEvent: 'close' }));
    },

    branch: (name) => branchHead(gitlab, name),
    async deleteBranch(name) {
      await refusable(page, branches.remove(project, name), 404);
    },
    commit: (draft, branch, replaces) => commitDraft(gitlab, draft, branch, replaces),
    compare: (commit, draft) => compareCommit(gitlab, commit, draft),
    parents: (commit) => parentsOf(gitlab, commit),

    async notes(number) {
      const answer = await refusable(
        page,
        notes.all(project, number, { sort: 'asc', orderBy: 'created_at', perPage: 100 }),
        404,
      );
      if (answer instanceof Refusal) return undefined;
      return answer
        .filter(({ system }) => !system)
        .map(
          ({ id, body, author, updated_at }): Note => ({
            id: String(id),
            body: withSlashes(body),
            by: actorOf(author),
            at: updated_at,
          }),
        );
    },

    async addNote(number, body) {
      await ask(notes.create(project, number, withoutOrders(body)));
    },
    async editNote(number, id, body) {
      await ask(notes.edit(project, number, Number(id), { body: withoutOrders(body) }));
    },
    async deleteNote(number, id) {
      await refusable(page, notes.remove(project, number, Number(id)), 404);
    },

    async addLabels(number, names) {
      await ask(mergeRequests.edit(project, number, { addLabels: names.join(',') }));
    },
    async removeLabel(number, name) {
      await ask(mergeRequests.edit(project, number, { removeLabels: name }));
    },

    reviews: (pull) => reviewsOf(gitlab, pull),
    report: ({ branch }, head, checks) => reportChecks(gitlab, head, branch, checks),
    checks: (_pull, head) => readChecks(gitlab, head),

    async mergePull({ number }, { expectedHead, message }: Merge) {
      await settled(number);
      const answer = await refusable(
        page,
        mergeRequests.merge(project, number, {
          sha: expectedHead,
          mergeCommitMessage: message.trim(),
          squash: false,
        }),
        405,
        406,
        409,
        422,
      );
      if (answer instanceof Refusal) return { refused: answer.message };
      const commit = pullOf(answer).mergedAs;
      return commit === undefined
        ? {
            refused: `it is ${answer.state} after merging: ${answer.merge_error ?? 'GitLab waits for something'}`,
          }
        : { commit };
    },
  };

  /** GitLab judges whether it can merge a while after each push, and refuses to merge before. */
  async function settled(number: number): Promise<void> {
    for (let attempt = 0; attempt < 20; attempt++) {
      const { detailed_merge_status: status } = await ask(mergeRequests.show(project, number));
      if (!['unchecked', 'checking', 'preparing'].includes(status)) return;
      await sleep(250);
    }
  }

  async function whoAmI(): Promise<string | undefined> {
    const answer = await refusable(page, users.showCurrentUser(), 401, 403, 404);
    return answer instanceof Refusal ? undefined : answer.username;
  }
}

async function ask<T>(asking: Promise<T>): Promise<T> {
  return (await refusable(page, asking)) as T;
}

function pullOf(shown: MergeRequestSchema): Pull {
  // While it is being merged it is `locked`.
  const state = shown.state === 'merged' ? 'merged' : shown.state === 'closed' ? 'closed' : 'open';
  const author = actorOf(shown.author);
  const closedAt = state === 'merged' ? shown.merged_at : shown.closed_at;
  const { merge_user } = shown as { merge_user?: { username: string } | null };
  const closedBy = state === 'merged' ? (merge_user ?? shown.merged_by) : shown.closed_by;
  const mergedAs = shown.merge_commit_sha ?? shown.squash_commit_sha ?? shown.sha;
  return {
    number: shown.iid,
    url: shown.web_url,
    state,
    title: shown.title,
    body: withSlashes(shown.description ?? ''),
    author,
    branch: shown.source_branch,
    fromFork: shown.source_project_id !== shown.target_project_id,
    base: `refs/heads/${shown.target_branch}`,
    head: shown.sha,
    pushes: [{ by: author, head: shown.sha, at: shown.created_at, proof: { type: 'none' } }],
    labels: (shown.labels as readonly string[]).map((name) => ({ name, proof: { type: 'forge' } })),
    openedAt: shown.created_at,
    updatedAt: shown.updated_at,
    ...(state === 'open' || !closedAt ? {} : { closedAt }),
    ...(state === 'open' || !closedBy ? {} : { closedBy: actorOf(closedBy) }),
    ...(state === 'merged' ? { mergedAs } : {}),
  };
}
