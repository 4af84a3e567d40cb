import { deploymentOf, type ShownJob } from '../jobs/job.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { age } from './age.ts';
import { table } from './table.ts';

/** A line a job. */
export function jobTable(jobs: readonly ShownJob[], terminal: Terminal, now: number): string {
  const { dim } = terminal.colours;
  const lines = jobs.map((job) => [
    job.id,
    deploymentOf(job),
    stateOf(job, terminal),
    String(job.progress.rows),
    String(job.progress.failed),
    `${Math.floor(job.progress.read * 100)} %`,
    age(job.created, now),
  ]);
  const titles = ['JOB', 'DEPLOYMENT', 'STATE', 'ROWS', 'FAILED', 'READ', 'AGE'];
  return table(titles, lines, { width: terminal.width, header: dim });
}

/** All of one job. */
export function jobView(job: ShownJob, terminal: Terminal, now: number): string {
  const { dim, bold } = terminal.colours;
  const { rows, failed, read } = job.progress;
  const lines = [
    ['job', bold(job.id)],
    ['deployment', `${deploymentOf(job)}${job.version === null ? '' : ` ${job.version}`}`],
    ['state', stateOf(job, terminal)],
    [
      'rows',
      `${rows}${failed === 0 ? '' : `, ${failed} of them could not be predicted`}, ${Math.floor(read * 100)} % read`,
    ],
    ['created', `${age(job.created, now)} ago`],
    ...(job.waiting === undefined ? [] : [['waiting', oneLine(job.waiting)]]),
    ...(job.error === undefined ? [] : [['error', whyFailed(job)]]),
    ...rowErrorLines(job),
    ...(job.expires === null ? [] : [['kept until', job.expires]]),
  ];
  return table(
    [],
    lines.map(([name = '', value = '']) => [dim(name), value]),
    { width: terminal.width },
  );
}

/** Why a job failed, and what to do. */
export function whyFailed({ error }: ShownJob): string {
  if (error === undefined) return 'the platform does not say why';
  return oneLine(`${error.code}: ${error.message}. ${error.hint ?? ''}`.trim());
}

/** Rows mostly fail for the same few reasons: they are told here, and not in the result alone. */
function rowErrorLines({ rowErrors = [], progress }: ShownJob): string[][] {
  const lines = rowErrors.map(({ error, rows }, index) => [
    index === 0 ? 'row errors' : '',
    `${rows}: ${oneLine(error)}`,
  ]);
  const rest = progress.failed - rowErrors.reduce((sum, { rows }) => sum + rows, 0);
  if (lines.length > 0 && rest > 0) lines.push(['', `${rest}: others, see "error" in the result`]);
  const field = rowErrors.flatMap(({ error }) => /^(\S+) is missing$/.exec(error)?.[1] ?? [])[0];
  if (field !== undefined)
    lines.push(['', `A value for all rows that lack it: predict --file --missing ${oneLine(field)}=VALUE.`]);
  return lines;
}

function stateOf({ state, progress }: ShownJob, { colours }: Terminal): string {
  if (state === 'failed') return colours.red(state);
  if (state !== 'done') return state;
  return progress.failed > 0 ? colours.yellow(state) : colours.green(state);
}
