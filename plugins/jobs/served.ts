/** Whether anybody answers for what a job is for: the inference port is asked, which knows what it serves. */
import { SwitchyardError } from '../../core/plugin.ts';
import type { Job } from '../../libraries/prediction-jobs/index.ts';
import { metadataUrl, nobodyIsCalled, tellsOfAll } from './worker/metadata-url.ts';

export type JobTarget = Pick<Job, 'deployment' | 'environment' | 'version'>;

/** A port that does not answer at once may answer when the job is worked. */
const patienceMs = 2_000;

/**
 * The environment that it is served in; undefined where the port does not say. Throws what the port says of an environment, a deployment
 * or a version that it does not know, and of a name that none can have; else the job may wait for its turn.
 */
export async function demandServed(target: JobTarget, server: string): Promise<string | undefined> {
  let served: string | undefined;
  const said = await fetch(metadataUrl(target, server), { signal: AbortSignal.timeout(patienceMs) })
    .then(async (response) => {
      served = response.headers.get('switchyard-deployment')?.split('/')[0];
      return response.status === 404 || response.ok ? ((await response.json()) as unknown) : undefined;
    })
    .catch(() => undefined);
  if (tellsOfAll(said)) throw nobodyIsCalled(target.deployment);
  const { error, code, hint } = (said ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof error !== 'string' || typeof code !== 'string') return served;
  throw new SwitchyardError(code, error, {
    where: 'query deployment',
    status: 404,
    ...(typeof hint === 'string' ? { hint } : {}),
  });
}
