import type { Proposer } from '../../../core/capabilities/proposer.ts';
import type { Outcome, Resource } from '../../../core/plugin.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import type { DeploymentRequest } from '../deployment-request.ts';
import type { Observation, RolloutState } from '../strategy.ts';
import type { Aborted } from '../walk-state.ts';
import type { GitRepair } from './git-repair.ts';
import type { Recourse } from './recourse.ts';
import { explained } from './rolled-back-outcome.ts';

export interface Rollbacks {
  /** Undefined where nothing makes proposals. */
  readonly proposer: Proposer | undefined;
  readonly repair: Pick<GitRepair, 'pursue' | 'entryOf' | 'forget' | 'lookAgain'>;
  /** How long the proposal of a rollback may stay open before that is told, in milliseconds. */
  readonly deadlineMs: number;
}

export interface Settled {
  readonly state: RolloutState;
  readonly outcome: Outcome;
}

/**
 * After a rollback, once all traffic is back: asks for the proposal that makes Git say so, and tells how far that is. Each
 * thing is saved before the next is done, so that a kill in between repeats and never doubles.
 */
export async function putGitRight(
  request: DeploymentRequest,
  { repair, deadlineMs }: Rollbacks,
  state: RolloutState,
  outcome: Outcome,
  observation: Observation,
  versions: ReadonlyMap<string, Resource<ModelVersionSpec>>,
): Promise<Settled> {
  const { stable, aborted } = state;
  if (aborted === undefined || stable === undefined) {
    if (aborted === undefined) repair.forget(request.resource.ref);
    return { state, outcome };
  }
  const { now, answering } = observation;
  const isBack = answering?.length === 1 && answering[0]?.version === stable.version;
  if (!isBack && aborted.recourse === undefined) return { state, outcome };
  const deadline = aborted.at + deadlineMs;
  let current = state;
  const keep = async (recourse: Recourse): Promise<Aborted> => {
    const next = { ...aborted, recourse };
    current = { ...current, aborted: next };
    await request.save(current);
    return next;
  };

  let before = aborted.recourse;
  const { undecided = [] } = state;
  const known = { deployment: request.resource, versions, stable, aborted, undecided };
  const entry = before === undefined ? await repair.entryOf(known) : before.entry;
  if (before === undefined && entry !== undefined) {
    before = { state: 'refused', reason: 'it is about to be proposed', entry };
    await keep(before);
  }
  const rolledBack = {
    ...known,
    ...(entry === undefined ? {} : { entry }),
    deadline: new Date(deadline).toISOString(),
  };
  let recourse = await repair.pursue(rolledBack, before);
  if (recourse !== before) await keep(recourse);
  if (recourse.overdueAt === undefined && recourse.state !== 'declined' && now >= deadline) {
    const { environment, name } = request.resource.metadata;
    const message = `${environment}/${name}: nobody decided what is to come of ${aborted.version}, which was rolled back`;
    const about = recourse.number === undefined ? {} : { number: recourse.number };
    await request.record('rollout.overdue', message, { version: aborted.version, ...about });
    recourse = { ...recourse, overdueAt: now };
    await keep(recourse);
  }
  const deployment = `${request.resource.metadata.environment}/${request.resource.metadata.name}`;
  const explaining = { deployment, stable: stable.version, aborted, recourse, deadline, now };
  return { state: current, outcome: explained(outcome, explaining) };
}
