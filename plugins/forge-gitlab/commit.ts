import type { CommitAction } from '@gitbeaker/core';
import type { Draft } from '../../core/capabilities/forge.ts';
import { blobId, Refusal, refusable, refused } from '../../core/capabilities/hosted-forge/index.ts';
import { type GitLab, page } from './client.ts';

/**
 * Makes the draft's commit and the branch in one request: either both are there afterwards or neither. Undefined where the
 * branch is there already, or not where it was expected.
 */
export async function commitDraft(
  gitlab: GitLab,
  draft: Draft,
  branch: string,
  replaces: string | null,
): Promise<string | undefined> {
  const { project, commits } = gitlab;
  const actions: CommitAction[] = [];
  for (const [filePath, content] of draft.changes) {
    const isThere = (await blobAt(gitlab, filePath, draft.on)) !== undefined;
    if (content !== null) {
      const encoded = Buffer.from(content).toString('base64');
      actions.push({ action: isThere ? 'update' : 'create', filePath, content: encoded, encoding: 'base64' });
    } else if (isThere) actions.push({ action: 'delete', filePath });
  }
  // GitLab moves a branch to where it is told, whatever it names: this look leaves a gap of one round trip.
  if (replaces !== null && (await branchHead(gitlab, branch)) !== replaces) return undefined;
  const answer = await refusable(
    page,
    commits.create(project, branch, draft.message, actions, {
      startSha: draft.on,
      authorName: draft.author.name,
      authorEmail: draft.author.email,
      force: replaces !== null,
    }),
    400,
  );
  if (!(answer instanceof Refusal)) return answer.id;
  if (/already exists/i.test(answer.message)) return undefined;
  throw refused(page, answer);
}

/** Whether that commit is what the draft makes, and when it was made (milliseconds since 1970). */
export async function compareCommit(
  gitlab: GitLab,
  commit: string,
  draft: Draft,
): Promise<{ readonly isDraft: boolean; readonly madeAt: number }> {
  const { project, commits } = gitlab;
  const shown = await show(gitlab, commit);
  const madeAt = Date.parse(shown.committed_date ?? shown.created_at);
  const [parent, ...others] = shown.parent_ids ?? [];
  const saysSame =
    parent === draft.on && others.length === 0 && shown.message.trim() === draft.message.trim();
  if (!saysSame) return { isDraft: false, madeAt };
  const diff = await ask(commits.showDiff(project, commit));
  const changed = diff.flatMap(({ old_path, new_path }) => [old_path, new_path]);
  if (!changed.every((path) => draft.changes.has(path))) return { isDraft: false, madeAt };
  for (const [path, content] of draft.changes) {
    const blob = await blobAt(gitlab, path, commit);
    if (blob !== (content === null ? undefined : blobId(content, commit))) return { isDraft: false, madeAt };
  }
  return { isDraft: true, madeAt };
}

export async function parentsOf(gitlab: GitLab, commit: string): Promise<readonly string[]> {
  return (await show(gitlab, commit)).parent_ids ?? [];
}

export async function branchHead(gitlab: GitLab, branch: string): Promise<string | undefined> {
  const answer = await refusable(page, gitlab.branches.show(gitlab.project, branch), 404);
  return answer instanceof Refusal ? undefined : answer.commit.id;
}

function show(gitlab: GitLab, commit: string) {
  return ask(gitlab.commits.show(gitlab.project, commit));
}

async function blobAt({ files, project }: GitLab, path: string, commit: string): Promise<string | undefined> {
  const answer = await refusable(page, files.show(project, path, commit), 404);
  return answer instanceof Refusal ? undefined : answer.blob_id;
}

async function ask<T>(asking: Promise<T>): Promise<T> {
  return (await refusable(page, asking)) as T;
}
