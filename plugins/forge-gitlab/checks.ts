import type { CheckOutcome, CheckReport } from '../../core/capabilities/forge.ts';
import {
  checkPrefix,
  Refusal,
  readStatusText,
  refusable,
  refused,
  statusText,
} from '../../core/capabilities/hosted-forge/index.ts';
import { type GitLab, page } from './client.ts';

const plain: readonly CheckOutcome[] = ['pass', 'fail', 'pending'];
const limit = 255;

/** Shows checks on a head as commit statuses. */
export async function reportChecks(
  gitlab: GitLab,
  head: string,
  branch: string,
  checks: readonly CheckReport[],
): Promise<void> {
  const there = new Map((await readChecks(gitlab, head)).map((report) => [report.name, report]));
  for (const check of checks) {
    const before = there.get(check.name);
    const description = statusText(check, plain, limit);
    if (before?.outcome === check.outcome && statusText(before, plain, limit) === description) continue;
    const answer = await refusable(
      page,
      gitlab.commits.editStatus(gitlab.project, head, stateOf(check.outcome), {
        name: checkPrefix + check.name,
        description,
        ref: branch,
      }),
      400,
    );
    // From pending to pending GitLab knows no way, and its words stay as they were.
    if (answer instanceof Refusal && !/cannot transition/i.test(answer.message)) throw refused(page, answer);
  }
}

export async function readChecks(gitlab: GitLab, head: string): Promise<readonly CheckReport[]> {
  const { commits, project } = gitlab;
  const statuses = await refusable(page, commits.allStatuses(project, head), 404);
  if (statuses instanceof Refusal) return [];
  const seen = new Map<string, CheckReport & { readonly id: number }>();
  for (const { id, name, status, description, created_at, finished_at } of statuses) {
    const own = name.slice(checkPrefix.length);
    // GitLab says the latest of each name; should it say more, the one that was made last counts.
    if (!name.startsWith(checkPrefix) || (seen.get(own)?.id ?? 0) > id) continue;
    const said = readStatusText(description ?? '', outcomes[status] ?? 'error');
    seen.set(own, { id, name: own, ...said, at: finished_at ?? created_at, durationMs: 0 });
  }
  return [...seen.values()].map(({ id: _id, ...report }) => report);
}

type State = 'pending' | 'success' | 'failed';

function stateOf(outcome: CheckOutcome): State {
  const states = { pass: 'success', neutral: 'success', fail: 'failed', error: 'failed', pending: 'pending' };
  return states[outcome] as State;
}

const outcomes: Readonly<Record<string, CheckOutcome>> = {
  success: 'pass',
  failed: 'fail',
  pending: 'pending',
  running: 'pending',
};
