import type { Registry } from '../../core/capabilities/registry.ts';
import type { ServingRuntime } from '../../core/capabilities/serving-runtime.ts';
import type { Controller, Machine, Ref, Request, Resource } from '../../core/plugin.ts';
import { messageOf, ready, refOf, waiting } from '../../core/plugin.ts';
import type { AnalysisTemplateSpec } from '../../schemas/generated/analysis-template.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import type { KeptAnalyses, Place } from './analysis/analyses.ts';
import { errorBudgetOf } from './analysis/budget.ts';
import { type AnalysisRunner, verdictsOf } from './analysis-runner.ts';
import { courseOf, strategyOf } from './choose-strategy.ts';
import { obey } from './commands.ts';
import type { Course } from './course.ts';
import { everyTemplate, versionsOf } from './deployment.ts';
import { deploymentPlan } from './deployment-plan.ts';
import { desiredServing } from './desired-serving.ts';
import { commandRefused } from './errors.ts';
import type { Letter, Mailbox } from './mailbox.ts';
import { isWayBack, type Owed, OwedWriting, payUp } from './owed-writing.ts';
import { quarantinedIn, refusalOf } from './refusal.ts';
import { exchanged, remembering, withRemembered } from './remembered-manifest.ts';
import { withEvidence } from './rollback/condemnation.ts';
import { liftQuarantine } from './rollback/lift-quarantine.ts';
import { putGitRight, type Rollbacks } from './rollback/put-git-right.ts';
import { factsOf } from './rollout-facts.ts';
import { recordAnalyses, recordEvents, whereOf } from './rollout-journal.ts';
import type { RolloutMetrics } from './rollout-metrics.ts';
import { settingsOf } from './settings.ts';
import { initialState, type Observation, type RolloutState } from './strategy.ts';
import { walker } from './walk.ts';

export interface DeploymentControllerOptions {
  readonly serving: ServingRuntime;
  readonly machine: Pick<Machine, 'runs'>;
  readonly mailbox: Pick<Mailbox, 'take'>;
  readonly analyses: AnalysisRunner;
  readonly rollbacks: Rollbacks;
  /** Undefined where nobody can look into it. */
  readonly journal: Registry['journal'] | undefined;
  readonly metrics: RolloutMetrics;
  /** Those that are looked after; the controller fills it. */
  readonly known: Set<Ref>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What ways back owe to the state and the journal, by deployment. */
type Debts = Map<Ref, Owed>;

export type DeploymentRequest = Request<DeploymentSpec, RolloutState>;

/** Decide, declare, look, decide again: a walk that needs no waiting takes this many rounds at most. */
const maxRounds = 8;

/** Walks each deployment to the version that its manifest declares, by its strategy. */
export function deploymentController(
  options: DeploymentControllerOptions,
): Controller<DeploymentSpec, RolloutState> {
  const { serving, machine, mailbox, analyses, rollbacks, metrics, known } = options;
  const debts: Debts = new Map();
  return {
    plan: deploymentPlan,

    async reconcile(request) {
      const { metadata, ref } = request.resource;
      const environment = String(metadata.environment);
      if (machine.runs(environment)) {
        known.add(ref);
        return walkAndAnswer(request, options, mailbox.take(ref), debts);
      }
      known.delete(ref);
      metrics.forget(ref);
      analyses.stop(ref);
      rollbacks.repair.forget(ref);
      // It may have been run here before the operator said otherwise.
      const { stopped } = await serving.stop(environment, metadata.name);
      if (!stopped)
        return waiting('Draining', `${metadata.name} is leaving this process`, { checkAfter: 1_000 });
      return ready('NotRunHere', `deployments in ${environment} are left to another process`);
    },

    async remove({ resource, record }) {
      known.delete(resource.ref);
      debts.delete(resource.ref);
      metrics.forget(resource.ref);
      analyses.stop(resource.ref);
      rollbacks.repair.forget(resource.ref);
      const environment = String(resource.metadata.environment);
      const name = `${environment}/${resource.metadata.name}`;
      const { stopped } = await serving.stop(environment, resource.metadata.name);
      if (!stopped) {
        return waiting('Draining', `${name} still answers what it had accepted`, { checkAfter: 1_000 });
      }
      if (machine.runs(environment)) await record('deployment.stopped', `${name} answers no more`);
      return ready('Stopped', `${name} answers no more`);
    },
  };
}

/** Whoever spoke hears what came of it, whatever came. */
async function walkAndAnswer(
  request: DeploymentRequest,
  options: DeploymentControllerOptions,
  letters: readonly Letter[],
  debts: Debts,
) {
  const open = new Set(letters);
  try {
    return await walk(request, options, open, debts);
  } catch (error) {
    for (const letter of open) letter.refused(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

async function walk(
  request: DeploymentRequest,
  { serving, analyses, rollbacks, journal, metrics, now }: DeploymentControllerOptions,
  letters: Set<Letter>,
  debts: Debts,
) {
  const { resource, related, signal } = request;
  const owed = debts.get(resource.ref);
  if (owed !== undefined) {
    await payUp(request, owed, (left) => debts.set(resource.ref, left));
    debts.delete(resource.ref);
  }
  const cell = owed?.state ?? request.cell;
  const writing = new OwedWriting(request);
  const written = { ...request, record: writing.record.bind(writing), save: writing.save.bind(writing) };
  const { spec, metadata } = resource;
  const environment = related.get<EnvironmentSpec>(refOf('Environment', String(metadata.environment)));
  const chosen = strategyOf(spec, environment?.spec);
  const course = courseOf(chosen);
  const strategy = walker(course);
  const settings = settingsOf(spec, chosen);
  const declaredVersions = versionsIn(request);
  const place = placeOf(request);
  let state = cell?.model === spec.model ? cell : recovered(request, serving, artifactsOf(declaredVersions));
  // Where no step is between, other bytes under the same name are taken as all changes are: at once.
  const isAtOnce = course.stages.length === 0 && state.stable?.version === spec.version;
  const versions = isAtOnce ? declaredVersions : withRemembered(declaredVersions, state);
  const exchange = isAtOnce ? undefined : exchanged(spec, declaredVersions, state);
  const refusal = refusalOf(spec, declaredVersions, request.status) ?? exchange;
  const artifacts = artifactsOf(versions);
  state = await obeyAll(request, writing, state, { course, versions, rollbacks, metrics }, letters);
  let observation: Observation = {
    now: now(),
    deployment: `${metadata.environment}/${metadata.name}`,
    commit: request.commit,
    target: spec.version,
    ...(refusal === undefined ? {} : { refusal }),
    keepWarm: settings.keepWarmMs,
    progressDeadline: settings.progressDeadlineMs,
    present: new Set(versions.keys()),
    artifacts,
    quarantined: quarantinedIn(versions),
    versions: {},
    analyses: verdictsOf(state.runs),
    requests: {},
    losses: {},
    processes: { ready: 0, total: 0 },
  };
  let saved: string | undefined = JSON.stringify(cell);
  await recordAnalyses(written, state.untold ?? {}, { journal });
  let declared: string | undefined;
  for (let round = 1; ; round += 1) {
    const decision = withEvidence(strategy.step(state, observation), state.runs, whereOf(request));
    // Written down before it is acted on, so that a kill in between loses neither.
    await recordEvents(written, decision.events, state.runs);
    metrics.happened(resource, decision.events, state.walk !== undefined);
    const { runs: _, untold: __, ...decided } = decision.state;
    const orders = decision.analyses ?? [];
    const { kept, verdicts, ended, checkAfter } = analyses.advance(place, orders, state.runs ?? {});
    state = remembering(isEmpty(kept) ? decided : { ...decided, runs: kept }, declaredVersions);
    if (!isEmpty(ended)) {
      // First saved, then told, then forgotten: whoever is killed in between tells it once all the same.
      await written.save({ ...state, untold: ended });
      await recordAnalyses(written, ended);
      metrics.analysed(resource, ended);
      saved = undefined;
    }
    const known = JSON.stringify(state);
    if (known !== saved) await written.save(state);
    saved = known;
    const desired = desiredServing(resource, decision, versions, related);
    const declaration = JSON.stringify([desired.commit, decision.hold, desired.variants, desired.rules]);
    const isNews = JSON.stringify(verdicts) !== JSON.stringify(observation.analyses);
    if (writing.failure !== undefined && !isWayBack(state)) {
      // A way back is taken all the same, and written down as soon as it can be; what was just measured may ask for one.
      if (!isNews || round >= maxRounds) throw writing.failure;
      observation = { ...observation, analyses: verdicts };
      continue;
    }
    const isDone = decision.variants.length === 0 || (declaration === declared && !isNews);
    if (writing.failure === undefined && (isDone || round === maxRounds || signal.aborted)) {
      const settled = signal.aborted
        ? { state, outcome: decision.outcome }
        : await putGitRight(request, rollbacks, state, decision.outcome, observation, versions);
      metrics.looked(resource, course, settled.state, settled.outcome);
      const next = soonest(settled.outcome.checkAfter, checkAfter);
      return {
        ...settled.outcome,
        ...(next === undefined ? {} : { checkAfter: next }),
        facts: factsOf(decision, settled.state, course, observation),
      };
    }
    if (writing.failure !== undefined) debts.set(resource.ref, { ...writing.owed, state });
    const status = await serving.serve(desired, signal);
    if (writing.failure !== undefined) throw writing.failure;
    declared = declaration;
    observation = {
      ...observation,
      now: now(),
      versions: status.versions,
      answering: status.routed ? decision.variants : undefined,
      processes: status.processes,
      requests: status.requests,
      losses: status.losses,
      ...(status.arms === undefined ? {} : { arms: status.arms }),
      analyses: verdicts,
    };
  }
}

function placeOf({ resource, related }: DeploymentRequest): Place {
  const { ref, metadata, spec } = resource;
  const templates = related.matching<AnalysisTemplateSpec>(everyTemplate);
  return {
    owner: ref,
    environment: String(metadata.environment),
    deployment: metadata.name,
    model: spec.model,
    budget: errorBudgetOf(related.get<ModelSpec>(refOf('Model', spec.model))?.spec),
    template(name) {
      const found = templates.find((one) => one.metadata.name === name);
      return found && { name, spec: found.spec, digest: found.digest };
    },
  };
}

function soonest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  return Math.min(one, other);
}

/** What the runtime remembers, where nothing else does: a rollout must not take the version on trial for the one that was. */
function recovered(
  { resource }: DeploymentRequest,
  serving: ServingRuntime,
  artifacts: Observation['artifacts'],
): RolloutState {
  const { metadata, spec } = resource;
  const initial = initialState(spec.model);
  const current = serving.current(String(metadata.environment), metadata.name);
  if (current === undefined || current.model !== spec.model) return initial;
  const stable = current.variants.find(({ role }) => role === 'stable');
  if (stable === undefined) return initial;
  const digest = artifacts[stable.version]?.digest;
  const { version } = stable;
  return {
    ...initial,
    stable: { version, commit: current.commit, ...(digest === undefined ? {} : { digest }) },
  };
}

interface Obeying {
  readonly course: Course;
  readonly versions: ReadonlyMap<string, Resource<ModelVersionSpec>>;
  readonly rollbacks: Rollbacks;
  readonly metrics: RolloutMetrics;
}

/** Each command is in the journal, with who and why, before it is acted on. */
async function obeyAll(
  request: DeploymentRequest,
  writing: OwedWriting,
  before: RolloutState,
  { course, versions, rollbacks, metrics }: Obeying,
  letters: Set<Letter>,
): Promise<RolloutState> {
  const { metadata, spec } = request.resource;
  const name = `${metadata.environment}/${metadata.name}`;
  let state = before;
  for (const letter of [...letters]) {
    const { command } = letter;
    const { verb, by, reason, isFull } = command;
    const declared = {
      course,
      target: spec.version,
      digest: versions.get(spec.version)?.spec.artifact.digest,
      commit: request.commit,
      condemned: new Set([...versions.values()].filter(isCondemned).map(({ metadata }) => metadata.name)),
      quarantined: quarantinedIn(versions),
      isProposed: rollbacks.proposer !== undefined,
    };
    state = await withNewsOfProposal(request.resource, state, verb, rollbacks);
    const obeyed = obey(state, command, declared);
    if ('refused' in obeyed) {
      letter.refused(commandRefused(verb, name, obeyed.refused));
    } else {
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
      await recordEvents({ ...request, record: pen.record.bind(pen) }, events, state.runs);
      metrics.happened(request.resource, events, state.walk !== undefined);
      state = obeyed.state;
      await pen.save(state);
      const condemned = versions.get(obeyed.lifts ?? '');
      const lifted =
        condemned === undefined ? '' : `; ${await liftQuarantine(condemned, command, rollbacks.proposer)}`;
      const unwritten =
        writing.failure === undefined ? '' : `; it cannot be written down yet: ${messageOf(writing.failure)}`;
      letter.obeyed(`${obeyed.message}${lifted}${unwritten}`);
    }
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

function versionsIn({
  resource,
  related,
}: DeploymentRequest): ReadonlyMap<string, Resource<ModelVersionSpec>> {
  const { spec } = resource;
  const all = related.matching<ModelVersionSpec>(versionsOf(spec));
  const versions = new Map(all.map((version) => [version.metadata.name, version]));
  const target = related.get<ModelVersionSpec>(refOf('ModelVersion', spec.version, spec.model));
  if (target !== undefined) versions.set(spec.version, target);
  return versions;
}

function artifactsOf(versions: ReadonlyMap<string, Resource<ModelVersionSpec>>): Observation['artifacts'] {
  return Object.fromEntries(
    [...versions].map(([name, { spec }]) => [
      name,
      { digest: spec.artifact.digest, size: spec.artifact.size },
    ]),
  );
}

function isEmpty(analyses: KeptAnalyses): boolean {
  return Object.keys(analyses).length === 0;
}

/** Whether its own manifest says that it must not be deployed. */
function isCondemned({ spec }: Resource<ModelVersionSpec>): boolean {
  return spec.quarantine !== undefined;
}
