import type { ServingRuntime, Variant } from '../../core/capabilities/serving-runtime.ts';
import type { Controller, Machine, Request, Resource } from '../../core/plugin.ts';
import { ready, refOf, waiting } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { chooseStrategy } from './choose-strategy.ts';
import { versionsOf } from './deployment.ts';
import { deploymentPlan } from './deployment-plan.ts';
import { desiredServing } from './desired-serving.ts';
import { refusalOf } from './refusal.ts';
import { settingsOf } from './settings.ts';
import { type Decision, initialState, type Observation, type RolloutState } from './strategy.ts';
import { untilOf } from './warm-versions.ts';

export interface DeploymentControllerOptions {
  readonly serving: ServingRuntime;
  readonly machine: Pick<Machine, 'runs'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

type DeploymentRequest = Request<DeploymentSpec, RolloutState>;

/** Decide, declare, look, decide again: a walk that needs no waiting takes this many rounds at most. */
const maxRounds = 8;

/** Walks each deployment to the version that its manifest declares, by its strategy. */
export function deploymentController(
  options: DeploymentControllerOptions,
): Controller<DeploymentSpec, RolloutState> {
  const { serving, machine } = options;
  return {
    plan: deploymentPlan,

    async reconcile(request) {
      const { metadata } = request.resource;
      const environment = String(metadata.environment);
      if (machine.runs(environment)) return walk(request, options);
      // It may have been run here before the operator said otherwise.
      const { stopped } = await serving.stop(environment, metadata.name);
      if (!stopped)
        return waiting('Draining', `${metadata.name} is leaving this process`, { checkAfter: 1_000 });
      return ready('NotRunHere', `deployments in ${environment} are left to another process`);
    },

    async remove({ resource, record }) {
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

async function walk(request: DeploymentRequest, { serving, now }: DeploymentControllerOptions) {
  const { resource, signal } = request;
  const { spec } = resource;
  const strategy = chooseStrategy(spec);
  const versions = versionsIn(request);
  const refusal = refusalOf(spec, versions.get(spec.version), request.status);
  let state = request.cell?.model === spec.model ? request.cell : initialState(spec.model);
  let observation: Observation = {
    now: now(),
    commit: request.commit,
    target: spec.version,
    ...(refusal === undefined ? {} : { refusal }),
    keepWarm: settingsOf(spec).keepWarmMs,
    present: new Set(versions.keys()),
    quarantined: quarantinedIn(versions),
    versions: {},
    processes: { ready: 0, total: 0 },
  };
  let saved = JSON.stringify(request.cell);
  let declared: string | undefined;
  for (let round = 1; ; round += 1) {
    const decision = strategy.step(state, observation);
    // Written down before it is acted on, so that a kill in between loses neither.
    await record(request, decision.events);
    const known = JSON.stringify(decision.state);
    if (known !== saved) await request.save(decision.state);
    saved = known;
    state = decision.state;
    const desired = desiredServing(resource, decision, versions, request.related);
    const declaration = JSON.stringify([desired.commit, decision.hold, decision.variants]);
    const isDone = decision.variants.length === 0 || declaration === declared || round === maxRounds;
    if (isDone || signal.aborted) return { ...decision.outcome, facts: factsOf(decision, observation) };
    const status = await serving.serve(desired, signal);
    declared = declaration;
    observation = {
      ...observation,
      now: now(),
      versions: status.versions,
      answering: status.routed ? decision.variants : undefined,
      processes: status.processes,
    };
  }
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

function quarantinedIn(versions: ReadonlyMap<string, Resource<ModelVersionSpec>>): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [name, { spec }] of versions) if (spec.quarantine !== undefined) names.add(name);
  return names;
}

async function record(request: DeploymentRequest, events: Decision['events']): Promise<void> {
  const { metadata, spec } = request.resource;
  const name = `${metadata.environment}/${metadata.name}`;
  for (const event of events) {
    if (event.type === 'switched') {
      const { from = null, to } = event;
      const message =
        from === null ? `${name} answers with ${spec.model} ${to}` : `${name} switched ${from} → ${to}`;
      await request.record('deployment.switched', message, {
        model: spec.model,
        from,
        to,
        commit: request.commit,
      });
    } else {
      const message = `${name} released ${spec.model} ${event.version}`;
      await request.record('deployment.released', message, { model: spec.model, version: event.version });
    }
  }
}

/** Small, and the same while nothing changes. */
function factsOf({ state }: Decision, seen: Observation): Readonly<Record<string, unknown>> {
  const { target, answering, processes, keepWarm } = seen;
  const known: readonly Variant[] =
    state.stable === undefined || processes.ready === 0
      ? []
      : [{ version: state.stable.version, role: 'stable', weight: 100 }];
  return {
    version: target,
    serving: answering ?? known,
    warm: state.warm.map((one) => ({
      version: one.version,
      until: new Date(untilOf(one, { keepWarm })).toISOString(),
    })),
  };
}
