import type { CheckOutcome, CheckReport } from '../../core/capabilities/forge.ts';
import { cut } from '../../core/capabilities/hosted-forge/index.ts';
import { answered, type GitHub } from './client.ts';

/** What every check of the platform begins with. */
const prefix = 'switchyard/';

/** Shows checks on a head: as check runs where the credentials are an App's, as commit statuses for a token. */
export async function reportChecks(
  github: GitHub,
  head: string,
  checks: readonly CheckReport[],
): Promise<void> {
  const { isApp } = await github.connect();
  await (isApp ? reportRuns : reportStatuses)(github, head, checks);
}

export async function readChecks(github: GitHub, head: string): Promise<readonly CheckReport[]> {
  const { isApp } = await github.connect();
  if (isApp) return (await runsOf(github, head)).map(({ report }) => report);
  return statusesOf(github, head);
}

// ── Check runs ───────────────────────────────────────────────────────────────────────────────────────────────

async function reportRuns(github: GitHub, head: string, checks: readonly CheckReport[]): Promise<void> {
  const { octokit } = await github.connect();
  const there = new Map((await runsOf(github, head)).map((run) => [run.report.name, run]));
  for (const check of checks) {
    const before = there.get(check.name);
    if (before !== undefined && isSame(before.report, check)) continue;
    const output = {
      title: cut(check.summary, 255) || check.outcome,
      summary: cut(check.summary, 65_000) || check.outcome,
      ...(check.details === undefined ? {} : { text: cut(check.details, 65_000) }),
    };
    const started = new Date(Date.parse(check.at) - check.durationMs).toISOString();
    const conclusion = conclusionOf(check.outcome);
    const state =
      conclusion === undefined
        ? ({ status: 'in_progress', started_at: started } as const)
        : ({ status: 'completed', conclusion, started_at: started, completed_at: check.at } as const);
    const { repository } = github;
    await answered<unknown>(
      before === undefined
        ? octokit.request('POST /repos/{owner}/{repo}/check-runs', {
            ...repository,
            name: prefix + check.name,
            head_sha: head,
            output,
            ...state,
          })
        : octokit.request('PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}', {
            ...repository,
            check_run_id: Number(before.id),
            output,
            ...state,
          }),
    );
  }
}

async function runsOf(
  github: GitHub,
  head: string,
): Promise<readonly { readonly id: number | bigint; readonly report: CheckReport }[]> {
  const { octokit, appId } = await github.connect();
  const runs = await answered(
    octokit.paginate('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
      ...github.repository,
      ref: head,
      filter: 'latest',
      per_page: 100,
      ...(appId === undefined ? {} : { app_id: appId }),
    }),
  );
  return runs
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ id, name, conclusion, output, started_at, completed_at }) => {
      const at = completed_at ?? started_at ?? new Date(0).toISOString();
      const took = completed_at && started_at ? Date.parse(completed_at) - Date.parse(started_at) : 0;
      const details = output.text ?? undefined;
      return {
        id,
        report: {
          name: name.slice(prefix.length),
          outcome: outcomeOf(conclusion),
          summary: output.title ?? '',
          at,
          durationMs: took,
          ...(details === undefined ? {} : { details }),
        },
      };
    });
}

type Conclusion = 'success' | 'failure' | 'neutral' | 'cancelled';

/** What could not be judged is `cancelled`: it lets nothing pass, and reads as no verdict. */
function conclusionOf(outcome: CheckOutcome): Conclusion | undefined {
  const conclusions = {
    pass: 'success',
    fail: 'failure',
    neutral: 'neutral',
    error: 'cancelled',
    pending: undefined,
  };
  return conclusions[outcome] as Conclusion | undefined;
}

function outcomeOf(conclusion: string | null): CheckOutcome {
  switch (conclusion) {
    case null:
      return 'pending';
    case 'success':
      return 'pass';
    case 'neutral':
      return 'neutral';
    case 'failure':
      return 'fail';
    default:
      return 'error';
  }
}

function isSame(before: CheckReport, check: CheckReport): boolean {
  return (
    before.outcome === check.outcome &&
    before.summary === (cut(check.summary, 255) || check.outcome) &&
    (before.details ?? '') === cut(check.details ?? '', 65_000)
  );
}

// ── Commit statuses ──────────────────────────────────────────────────────────────────────────────────────────

async function reportStatuses(github: GitHub, head: string, checks: readonly CheckReport[]): Promise<void> {
  const { octokit } = await github.connect();
  const there = new Map((await statusesOf(github, head)).map((report) => [report.name, report]));
  for (const check of checks) {
    const before = there.get(check.name);
    const description = describe(check);
    if (before?.outcome === check.outcome && describe(before) === description) continue;
    await answered(
      octokit.request('POST /repos/{owner}/{repo}/statuses/{sha}', {
        ...github.repository,
        sha: head,
        state: stateOf(check.outcome),
        context: prefix + check.name,
        description,
      }),
    );
  }
}

async function statusesOf(github: GitHub, head: string): Promise<readonly CheckReport[]> {
  const { octokit } = await github.connect();
  const statuses = await answered(
    octokit.paginate('GET /repos/{owner}/{repo}/commits/{ref}/statuses', {
      ...github.repository,
      ref: head,
      per_page: 100,
    }),
  );
  // Newest first: the first of each name is the one that counts.
  const seen = new Map<string, CheckReport>();
  for (const { context, state, description, updated_at } of statuses) {
    const name = context.slice(prefix.length);
    if (!context.startsWith(prefix) || seen.has(name)) continue;
    seen.set(name, { name, ...said(state, description ?? ''), at: updated_at, durationMs: 0 });
  }
  return [...seen.values()];
}

function stateOf(outcome: CheckOutcome): 'success' | 'failure' | 'error' | 'pending' {
  const states = {
    pass: 'success',
    neutral: 'success',
    fail: 'failure',
    error: 'error',
    pending: 'pending',
  } as const;
  return states[outcome];
}

/** A status cannot say neutral: its description does. */
function describe({ outcome, summary }: CheckReport): string {
  return cut(outcome === 'neutral' ? `neutral: ${summary}` : summary, 140);
}

function said(state: string, description: string): Pick<CheckReport, 'outcome' | 'summary'> {
  const [, neutral] = /^neutral: (.*)$/s.exec(description) ?? [];
  if (state === 'success' && neutral !== undefined) return { outcome: 'neutral', summary: neutral };
  const outcomes: Readonly<Record<string, CheckOutcome>> = {
    success: 'pass',
    failure: 'fail',
    pending: 'pending',
  };
  return { outcome: outcomes[state] ?? 'error', summary: description };
}
