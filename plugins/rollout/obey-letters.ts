import { messageOf, type Resource } from '../../core/plugin.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { obey } from './commands.ts';
import type { Course } from './course.ts';
import type { DeploymentRequest } from './deployment-request.ts';
import { commandRefused } from './errors.ts';
import type { Letter } from './mailbox.ts';
import type { OwedWriting } from './owed-writing.ts';
import { quarantinedIn, type Versions } from './refusal.ts';
import { liftQuarantine } from './rollback/lift-quarantine.ts';
import type { Rollbacks } from './rollback/put-git-right.ts';
import { recordEvents } from './rollout-journal.ts';
import type { RolloutMetrics } from './rollout-metrics.ts';
import type { RolloutState } from './strategy.ts';

interface Obeying {
  readonly course: Course;
  readonly versions: Versions;
  readonly rollbacks: Rollbacks;
  readonly metrics: RolloutMetrics;
}

/**
 * Does what people said, one after the other; whoever was answered is taken out of `letters`. Each command is in the journal,
 * with who and why, before it is acted on. An abort alone is obeyed where nothing can be written: it asks for the way back.
 */
export async function obeyLetters(
  request: DeploymentRequest,
  writing: OwedWriting,
  before: RolloutState,
  { course, versions, rollbacks, metrics }: Obeying,
  letters: Set<Letter>,
): Promise<RolloutState> {
  const { metadata, spec } = request.resource;
  const name = `${metadata.environment}/${metadata.name}`;
  const declared = {
    course,
    target: spec.version,
    digest: versions.get(spec.version)?.spec.artifact.digest,
    commit: request.commit,
    condemned: condemnedIn(versions),
    quarantined: quarantinedIn(versions),
    isProposed: rollbacks.proposer !== undefined,
  };
  let state = before;
  for (const letter of [...letters]) {
    const { command } = letter;
    const { verb, by, reason, isFull } = command;
    state = await withNewsOfProposal(request.resource, state, verb, rollbacks);
    const obeyed = obey(state, command, declared);
    if ('refused' in obeyed) {
      letter.refused(commandRefused(verb, name, obeyed.refused));
      letters.delete(letter);
      continue;
    }
    const why = reason === undefined ? '' : ` (${reason})`;
    const pen = verb === 'abort' ? writing : request;
    await pen.record(`rollout.${verb}`, `${by}: ${verb} ${name}: ${obeyed.message}${why}`, {
      model: spec.model,
      version: obeyed.lifts ?? spec.version,
      by,
      ...(reason === undefined ? {} : { reason }),
      ...(isFull === true ? { full: true } : {}),
    });
    const { events = [] } = obeyed;
    await recordEvents({ ...request, record: (...entry) => pen.record(...entry) }, events, state.runs);
    metrics.happened(request.resource, events, state.walk !== undefined);
    state = obeyed.state;
    await pen.save(state);
    const condemned = versions.get(obeyed.lifts ?? '');
    const lifted =
      condemned === undefined ? '' : `; ${await liftQuarantine(condemned, command, rollbacks.proposer)}`;
    const unwritten =
      writing.failure === undefined ? '' : `; it cannot be written down yet: ${messageOf(writing.failure)}`;
    letter.obeyed(`${obeyed.message}${lifted}${unwritten}`);
    letters.delete(letter);
  }
  return state;
}

/** Whoever closed the proposal a moment ago may answer for the version at once, before the next look would see that. */
async function withNewsOfProposal(
  deployment: DeploymentRequest['resource'],
  state: RolloutState,
  verb: Letter['command']['verb'],
  { repair }: Rollbacks,
): Promise<RolloutState> {
  const { aborted } = state;
  if (aborted?.recourse === undefined || (verb !== 'accept-risk' && verb !== 'retry')) return state;
  const recourse = await repair.lookAgain({ deployment }, aborted.recourse);
  return recourse === aborted.recourse ? state : { ...state, aborted: { ...aborted, recourse } };
}

/** Those whose own manifests say that they must not be deployed. */
function condemnedIn(versions: Versions): ReadonlySet<string> {
  const condemned = [...versions.values()].filter(isCondemned);
  return new Set(condemned.map(({ metadata }) => metadata.name));
}

function isCondemned({ spec }: Resource<ModelVersionSpec>): boolean {
  return spec.quarantine !== undefined;
}
