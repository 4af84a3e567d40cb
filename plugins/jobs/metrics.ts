import { type JobState, listJobs } from '../../libraries/prediction-jobs/index.ts';

const states: readonly JobState[] = ['queued', 'running', 'done', 'failed', 'cancelled'];

/** How many jobs are kept, by their state: Prometheus text exposition. */
export async function jobsExposition(folder: string): Promise<string> {
  const jobs = await listJobs(folder);
  const lines = states.map((state) => {
    const count = jobs.filter(({ progress }) => progress.state === state).length;
    return `switchyard_jobs{state="${state}"} ${count}`;
  });
  return [
    '# HELP switchyard_jobs Jobs of predictions that are kept, by their state.',
    '# TYPE switchyard_jobs gauge',
    ...lines,
    '',
  ].join('\n');
}
