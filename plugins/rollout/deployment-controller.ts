import type { Registry } from '../../core/capabilities/registry.ts';
import type { ServiceLevels } from '../../core/capabilities/service-levels.ts';
import type { ServingRuntime } from '../../core/capabilities/serving-runtime.ts';
import type { Controller, Machine, Outcome, Ref } from '../../core/plugin.ts';
import { ready, refOf, waiting } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import { type AnalysisRunner, verdictsOf } from './analysis-runner.ts';
import { courseOf, strategyOf } from './choose-strategy.ts';
import { deploymentPlan } from './deployment-plan.ts';
import { artifactsOf, type DeploymentRequest, placeOf, stateOf, versionsIn } from './deployment-request.ts';
import type { Letter, Mailbox } from './mailbox.ts';
import { obeyLetters } from './obey-letters.ts';
import { Debts } from './owed-writing.ts';
import { quarantinedIn, refusalOf } from './refusal.ts';
import { exchanged, withRemembered } from './remembered-manifest.ts';
import type { Rollbacks } from './rollback/put-git-right.ts';
import { recordAnalyses } from './rollout-journal.ts';
import type { RolloutMetrics } from './rollout-metrics.ts';
import { levelOf, withLevel } from './service-level.ts';
import { settingsOf } from './settings.ts';
import type { Observation, RolloutState } from './strategy.ts';
import { walker } from './walk.ts';
import { type Look, walkRounds, writtenBy } from './walk-rounds.ts';

export interface DeploymentControllerOptions {
  readonly serving: ServingRuntime;
  readonly machine: Pick<Machine, 'runs'>;
  readonly mailbox: Pick<Mailbox, 'take'>;
  readonly analyses: AnalysisRunner;
  readonly rollbacks: Rollbacks;
  /** Undefined where nobody can look into it. */
  readonly journal: Registry['journal'] | undefined;
  readonly metrics: RolloutMetrics;
  /** Undefined where nobody watches them. */
  readonly levels: ServiceLevels | undefined;
  /** Those that are looked after; the controller fills it. */
  readonly known: Set<Ref>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Walks each deployment to the version that its manifest declares, by its strategy. */
export function deploymentController(
  options: DeploymentControllerOptions,
): Controller<DeploymentSpec, RolloutState> {
  const { serving, machine, mailbox, analyses, rollbacks, metrics, levels, known } = options;
  const debts = new Debts();
  return {
    plan: deploymentPlan,

    async reconcile(request) {
      const { metadata, ref } = request.resource;
      const environment = String(metadata.environment);
      if (machine.runs(environment)) {
        known.add(ref);
        const level = levelOf(request.resource, levels);
        return withLevel(await lookAndAnswer(request, options, mailbox.take(ref), debts), level);
      }
      known.delete(ref);
      metrics.forget(ref);
      levels?.forget(environment, metadata.name);
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
      debts.forget(resource.ref);
      metrics.forget(resource.ref);
      analyses.stop(resource.ref);
      rollbacks.repair.forget(resource.ref);
      const environment = String(resource.metadata.environment);
      levels?.forget(environment, resource.metadata.name);
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
async function lookAndAnswer(
  request: DeploymentRequest,
  options: DeploymentControllerOptions,
  letters: readonly Letter[],
  debts: Debts,
): Promise<Outcome> {
  const open = new Set(letters);
  try {
    return await look(request, options, open, debts);
  } catch (error) {
    for (const letter of open) letter.refused(error instanceof Error ? error : new Error(String(error)));
    throw error;
  }
}

/** Brings together what is declared, known and said, and walks on from there. */
async function look(
  request: DeploymentRequest,
  options: DeploymentControllerOptions,
  letters: Set<Letter>,
  debts: Debts,
): Promise<Outcome> {
  const { serving, rollbacks, journal, metrics, now } = options;
  const { resource, related } = request;
  const { spec, metadata } = resource;
  const writing = await debts.pen(request);
  const environment = related.get<EnvironmentSpec>(refOf('Environment', String(metadata.environment)));
  const chosen = strategyOf(spec, environment?.spec);
  const course = courseOf(chosen);
  const declaredVersions = versionsIn(request);
  const before = stateOf(request, writing.cell, serving, artifactsOf(declaredVersions));
  // Where no step is between, other bytes under the same name are taken as all changes are: at once.
  const isAtOnce = course.stages.length === 0 && before.stable?.version === spec.version;
  const versions = isAtOnce ? declaredVersions : withRemembered(declaredVersions, before);
  const exchange = isAtOnce ? undefined : exchanged(spec, declaredVersions, before);
  const refusal = refusalOf(spec, declaredVersions, request.status) ?? exchange;
  const place = placeOf(request);
  const looking: Look = {
    request,
    writing,
    course,
    strategy: walker(course),
    place,
    declaredVersions,
    versions,
  };
  const state = await obeyLetters(
    request,
    writing,
    before,
    { course, versions, rollbacks, metrics },
    letters,
  );
  const settings = settingsOf(spec, chosen);
  const observation: Observation = {
    now: now(),
    deployment: `${metadata.environment}/${metadata.name}`,
    commit: request.commit,
    target: spec.version,
    ...(refusal === undefined ? {} : { refusal }),
    keepWarm: settings.keepWarmMs,
    progressDeadline: settings.progressDeadlineMs,
    present: new Set(versions.keys()),
    artifacts: artifactsOf(versions),
    quarantined: quarantinedIn(versions),
    versions: {},
    analyses: verdictsOf(state.runs),
    requests: {},
    losses: {},
    processes: { ready: 0, total: 0 },
  };
  await recordAnalyses(writtenBy(request, writing), state.untold ?? {}, { journal });
  return walkRounds(looking, options, state, observation);
}
