import type { CheckOutcome, CheckReport } from '../../core/capabilities/forge.ts';
import {
  checkPrefix,
  Refusal,
  readStatusText,
  statusText,
} from '../../core/capabilities/hosted-forge/index.ts';
import { answered, collected, type Gitea } from './client.ts';
import type { StatusShown } from './shapes.ts';

const plain: readonly CheckOutcome[] = ['pass', 'fail', 'error', 'pending'];
const limit = 255;

/** Shows checks on a head as commit statuses. */
export async function reportChecks(
  gitea: Gitea,
  head: string,
  checks: readonly CheckReport[],
): Promise<void> {
  const there = new Map((await readChecks(gitea, head)).map((report) => [report.name, report]));
  for (const check of checks) {
    const before = there.get(check.name);
    const description = statusText(check, plain, limit);
    if (before?.outcome === check.outcome && statusText(before, plain, limit) === description) continue;
    const body = { state: stateOf(check.outcome), context: checkPrefix + check.name, description };
    await answered(gitea.ask('POST', `/statuses/${head}`, { body }));
  }
}

export async function readChecks(gitea: Gitea, head: string): Promise<readonly CheckReport[]> {
  const statuses = await collected(gitea.pages<StatusShown>(`/commits/${head}/statuses`), 404);
  if (statuses instanceof Refusal) return [];
  const newest = new Map<string, StatusShown>();
  for (const status of statuses) {
    if (status.context.startsWith(checkPrefix) && (newest.get(status.context)?.id ?? 0) < status.id) {
      newest.set(status.context, status);
    }
  }
  return [...newest.values()].map(({ context, status, description, updated_at }) => ({
    name: context.slice(checkPrefix.length),
    ...readStatusText(description, outcomes[status] ?? 'error'),
    at: updated_at,
    durationMs: 0,
  }));
}

function stateOf(outcome: CheckOutcome): string {
  const states = { pass: 'success', neutral: 'success', fail: 'failure', error: 'error', pending: 'pending' };
  return states[outcome];
}

const outcomes: Readonly<Record<string, CheckOutcome>> = {
  success: 'pass',
  failure: 'fail',
  pending: 'pending',
  error: 'error',
};
