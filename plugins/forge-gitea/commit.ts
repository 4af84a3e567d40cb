import type { Draft } from '../../core/capabilities/forge.ts';
import { forgeRefused, forgeUnavailable } from '../../core/capabilities/forge-errors.ts';
import { blobId, Refusal, refused } from '../../core/capabilities/hosted-forge/index.ts';
import { answered, below, type Gitea, page, tried } from './client.ts';
import type { CommitShown } from './shapes.ts';

/** A draft on another branch that is so young is being made by somebody else: milliseconds. */
const makingTakes = 60_000;

/**
 * Makes the draft's commit and has the branch name it. Gitea commits only on top of a branch: so the commit is made on a
 * branch of its own, and the branch that is meant is then made or moved to it in one step, from where it is expected to be.
 * Undefined where it is not there, or where somebody else was at it: look again.
 */
export async function commitDraft(
  gitea: Gitea,
  draft: Draft,
  branch: string,
  replaces: string | null,
): Promise<string | undefined> {
  const own = draftBranchOf(branch);
  const commit = await commitOn(gitea, draft, own);
  if (commit === undefined) return undefined;
  const moved = await (replaces === null
    ? makeBranch(gitea, branch, commit)
    : moveBranch(gitea, branch, commit, replaces));
  await removeBranch(gitea, own);
  return moved ? commit : undefined;
}

/** The branch on which a commit for another branch is made. */
export function draftBranchOf(branch: string): string {
  return `${branch}-draft`;
}

async function commitOn(
  gitea: Gitea,
  draft: Draft,
  own: string,
  now = Date.now(),
): Promise<string | undefined> {
  const head = await branchHead(gitea, own);
  if (head === undefined) {
    if (!(await makeBranch(gitea, own, draft.on))) return undefined;
  } else if (head !== draft.on) {
    const { isDraft, madeAt } = await compareCommit(gitea, head, draft);
    if (isDraft) return head;
    if (now - madeAt < makingTakes) {
      throw forgeUnavailable(gitea.where, 'somebody else makes a commit for the same branch', {
        retryAfterMs: 5_000,
      });
    }
    // What an earlier process left.
    await removeBranch(gitea, own);
    return undefined;
  }
  const answer = await tried(
    gitea.ask<{ readonly commit: { readonly sha: string } }>('POST', '/contents', {
      body: {
        branch: own,
        message: draft.message,
        author: { name: draft.author.name, email: draft.author.email },
        files: await operations(gitea, draft),
      },
    }),
    404,
    409,
    422,
  );
  if (!(answer instanceof Refusal)) return answer.commit.sha;
  // Somebody else made the same commit meanwhile, or took the branch away after it.
  if ((await branchHead(gitea, own)) !== draft.on) return undefined;
  throw refused(page, answer);
}

interface Operation {
  readonly operation: 'create' | 'update' | 'delete';
  readonly path: string;
  readonly sha?: string;
  readonly content?: string;
}

async function operations(gitea: Gitea, { changes, on }: Draft): Promise<readonly Operation[]> {
  const made: Operation[] = [];
  for (const [path, content] of changes) {
    const sha = await blobAt(gitea, path, on);
    if (content === null) {
      if (sha !== undefined) made.push({ operation: 'delete', path, sha });
    } else {
      const encoded = Buffer.from(content).toString('base64');
      made.push(
        sha === undefined
          ? { operation: 'create', path, content: encoded }
          : { operation: 'update', path, sha, content: encoded },
      );
    }
  }
  return made;
}

/** Whether that commit is what the draft makes, and when it was made (milliseconds since 1970). */
export async function compareCommit(
  gitea: Gitea,
  commit: string,
  draft: Draft,
): Promise<{ readonly isDraft: boolean; readonly madeAt: number }> {
  const { parents, files, commit: written } = await readCommit(gitea, commit);
  const madeAt = Date.parse(written.committer?.date ?? '') || 0;
  const isOn = parents?.length === 1 && parents[0]?.sha === draft.on;
  const saysSame = isOn && written.message.trim() === draft.message.trim();
  const changed = (files ?? []).map(({ filename }) => filename);
  if (!saysSame || !changed.every((path) => draft.changes.has(path))) return { isDraft: false, madeAt };
  for (const [path, content] of draft.changes) {
    const blob = await blobAt(gitea, path, commit);
    if (blob !== (content === null ? undefined : blobId(content, commit))) return { isDraft: false, madeAt };
  }
  return { isDraft: true, madeAt };
}

export function readCommit(gitea: Gitea, commit: string): Promise<CommitShown> {
  return answered(gitea.ask<CommitShown>('GET', `/git/commits/${commit}`));
}

async function blobAt(gitea: Gitea, path: string, commit: string): Promise<string | undefined> {
  const answer = await tried(
    gitea.ask<{ readonly sha: string }>('GET', `/contents/${below(path)}`, { query: { ref: commit } }),
    404,
  );
  return answer instanceof Refusal ? undefined : answer.sha;
}

export async function branchHead(gitea: Gitea, branch: string): Promise<string | undefined> {
  const answer = await tried(
    gitea.ask<{ readonly commit: { readonly id: string } }>('GET', `/branches/${below(branch)}`),
    404,
  );
  return answer instanceof Refusal ? undefined : answer.commit.id;
}

export async function removeBranch(gitea: Gitea, branch: string): Promise<void> {
  await tried(gitea.ask('DELETE', `/branches/${below(branch)}`), 404);
}

/** False where it is there already. */
async function makeBranch(gitea: Gitea, branch: string, at: string): Promise<boolean> {
  const body = { new_branch_name: branch, old_ref_name: at };
  return !((await tried(gitea.ask('POST', '/branches', { body }), 409)) instanceof Refusal);
}

/** Compare-and-swap. False where the branch is not at `from`. */
async function moveBranch(gitea: Gitea, branch: string, to: string, from: string): Promise<boolean> {
  const body = { new_commit_id: to, old_commit_id: from, force: true };
  const answer = await tried(gitea.ask('PUT', `/branches/${below(branch)}`, { body }), 404, 405, 409, 422);
  if (!(answer instanceof Refusal)) return true;
  const head = await branchHead(gitea, branch);
  if (head !== from) return false;
  if (answer.status === 405 || answer.status === 404) {
    throw forgeRefused(
      gitea.where,
      'it cannot move a branch to another commit by its API',
      'Proposals can be updated on Gitea 1.26 and newer.',
    );
  }
  throw refused(page, answer);
}
