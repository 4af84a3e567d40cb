import type { Api } from '../client/api.ts';
import type { ShownJob } from '../jobs/job.ts';
import type { Candidate } from './candidates.ts';

/** Jobs that a verb can do something with, newest first. */
export async function jobIds(verb: string, api: Api): Promise<Candidate[]> {
  const { items } = await api.get<{ readonly items: readonly ShownJob[] }>('/plugins/jobs/jobs');
  return items
    .filter(({ state }) => verb !== 'cancel' || state === 'queued' || state === 'running')
    .map(({ id, state, deployment }) => ({ word: id, description: `${deployment}, ${state}` }))
    .reverse();
}
