import { setTimeout as wait } from 'node:timers/promises';
import { codeOf } from '../../core/errors.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { type Api, connect } from '../client/api.ts';
import type { JobGetOptions, JobListOptions, JobsOptions } from '../commands/jobs.ts';
import { exitCodes } from '../exit-codes.ts';
import { jobTable, jobView } from '../output/jobs.ts';
import { withProgress } from '../output/progress.ts';
import { structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { deploymentOf, fromJobs, hasEnded, isLacking, pathOf, type ShownJob } from './job.ts';

/** Shows the jobs that are kept, or those of them that are asked for. */
export async function runJobs(options: JobListOptions, terminal: Terminal): Promise<number> {
  const api = await connect(options, terminal);
  const { items } = await fromJobs(api.url, api.get<{ items: readonly ShownJob[] }>('/plugins/jobs/jobs'));
  const wanted = items.filter((job) => isWanted(job, options));
  if (options.output !== undefined) terminal.out(structured({ items: wanted }, options.output));
  else if (items.length === 0)
    terminal.err('There is no job. Begin one with: switchyard predict NAME --file rows.csv --async\n');
  else if (wanted.length === 0) terminal.err(`No job matches.${nearestTo(options, items)}\n`);
  else terminal.out(jobTable(wanted, terminal, Date.now()));
  return exitCodes.success;
}

function isWanted(job: ShownJob, { state, deployment, environment }: JobListOptions): boolean {
  return (
    (state === undefined || job.state === state) &&
    (environment === undefined || job.environment === environment) &&
    (deployment === undefined || [job.deployment, deploymentOf(job)].includes(deployment))
  );
}

/** What was probably meant, where no job at all has a name that was asked for. */
function nearestTo({ deployment, environment }: JobListOptions, jobs: readonly ShownJob[]): string {
  const asked = [
    [environment, jobs.flatMap((job) => job.environment ?? [])],
    [deployment, jobs.map((job) => (deployment?.includes('/') ? deploymentOf(job) : job.deployment))],
  ] as const;
  const hints = asked.map(([name, known]) =>
    name === undefined || known.includes(name)
      ? ''
      : ` There is none of ${oneLine(name)}. ${didYouMean(name, [...known].sort()) ?? ''}`,
  );
  return hints.join('').trimEnd();
}

/** Shows how far a job is, and waits for its end where that is asked for. */
export async function runJobGet(id: string, options: JobGetOptions, terminal: Terminal): Promise<number> {
  const api = await connect(options, terminal);
  const job = options.wait ? await untilEnded(api, id, terminal) : await readJob(api, id);
  terminal.out(
    options.output === undefined ? jobView(job, terminal, Date.now()) : structured(job, options.output),
  );
  return isLacking(job) ? exitCodes.problems : exitCodes.success;
}

export async function runJobCancel(id: string, options: JobsOptions, terminal: Terminal): Promise<number> {
  const api = await connect(options, terminal);
  const job = await fromJobs(api.url, api.remove<ShownJob>(pathOf(id)));
  terminal.err(
    hasEnded(job)
      ? `The job had ended before: it is ${job.state}.\n`
      : 'The job ends; what it has predicted stays.\n',
  );
  return exitCodes.success;
}

const readJob = (api: Api, id: string): Promise<ShownJob> => fromJobs(api.url, api.get<ShownJob>(pathOf(id)));

const patienceMs = 60_000;

async function untilEnded(api: Api, id: string, terminal: Terminal): Promise<ShownJob> {
  let job = await readJob(api, id);
  const doing = (): string => {
    const { rows, read } = job.progress;
    const state = job.waiting === undefined ? '' : ` (${job.waiting})`;
    return `${rows} rows, ${Math.floor(read * 100)} % read${state}`;
  };
  const ending = async (): Promise<ShownJob> => {
    let heard = Date.now();
    for (let pause = 100; !hasEnded(job); pause = Math.min(pause * 1.5, 2_000)) {
      await wait(pause, undefined, { signal: terminal.signal });
      try {
        job = await readJob(api, id);
        heard = Date.now();
      } catch (error) {
        // The job goes on while the platform is being started anew.
        if (codeOf(error) !== 'ServerUnreachable' || Date.now() - heard > patienceMs) throw error;
      }
    }
    return job;
  };
  return withProgress(terminal, doing, ending());
}
