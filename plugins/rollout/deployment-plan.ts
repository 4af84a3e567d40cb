import type { Change, PlanStep, Related, Resource } from '../../core/plugin.ts';
import { refOf } from '../../core/plugin.ts';
import { formatByteSize } from '../../libraries/byte-size/index.ts';
import { formatDuration } from '../../libraries/duration/index.ts';
import type { AnalysisTemplateSpec } from '../../schemas/generated/analysis-template.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import type { EnvironmentSpec } from '../../schemas/generated/environment.ts';
import type { ModelSpec } from '../../schemas/generated/model.ts';
import type { ModelVersionSpec } from '../../schemas/generated/model-version.ts';
import { errorBudgetOf } from './analysis/budget.ts';
import { courseOf, strategyOf } from './choose-strategy.ts';
import type { StrategySpec } from './course.ts';
import { everyTemplate } from './deployment.ts';
import { loggingInWords } from './logging-rules.ts';
import { sloInWords } from './promised-level.ts';
import { ratesInWords } from './rate-limits.ts';
import { stageInWords } from './rollout-facts.ts';
import { runtimeInWords } from './runtime-findings.ts';
import { settingsOf } from './settings.ts';
import { wantedSteps } from './wanted/wanted-steps.ts';

/** The steps of a change, in words that a reviewer reads. */
export function deploymentPlan(change: Change<DeploymentSpec>, related: Related): readonly PlanStep[] {
  if (change.type === 'affected') return [];
  if (change.type === 'removed') return stop(change.previous);
  const { next } = change;
  const version = related.get<ModelVersionSpec>(refOf('ModelVersion', next.spec.version, next.spec.model));
  if (version?.spec.quarantine !== undefined) {
    const { reason } = version.spec.quarantine;
    const description = `refuse ${named(next)}: it is quarantined (${reason})`;
    return [{ action: 'refuse', description }];
  }
  if (change.type === 'added') return [...load(next, version), route(next)];
  const { previous } = change;
  const isOther = named(previous) !== named(next);
  const environment = related.get<EnvironmentSpec>(refOf('Environment', String(next.metadata.environment)));
  const strategy = strategyOf(next.spec, environment?.spec);
  return isOther ? replace({ previous, next, version, strategy, related }) : adjust(previous, next);
}

function load(
  { spec }: Resource<DeploymentSpec>,
  version: Resource<ModelVersionSpec> | undefined,
): readonly PlanStep[] {
  const { artifact, examples = [] } = version?.spec ?? {};
  const what =
    artifact === undefined
      ? ''
      : ` (${formatByteSize(artifact.size)}, ${artifact.digest.slice(0, 'sha256:'.length + 4)}…)`;
  const steps: PlanStep[] = [{ action: 'load', description: `load ${spec.model} ${spec.version}${what}` }];
  if (examples.length > 0) {
    const count = examples.length === 1 ? '1 golden example' : `${examples.length} golden examples`;
    steps.push({ action: 'run', description: `run ${count}` });
  }
  return steps;
}

function route(deployment: Resource<DeploymentSpec>): PlanStep {
  return { action: 'answer', description: `answer ${placeOf(deployment)} with ${named(deployment)}` };
}

interface Replacing {
  readonly previous: Resource<DeploymentSpec>;
  readonly next: Resource<DeploymentSpec>;
  readonly version: Resource<ModelVersionSpec> | undefined;
  readonly strategy: StrategySpec;
  readonly related: Related;
}

function replace({ previous, next, version, strategy, related }: Replacing): readonly PlanStep[] {
  const sameModel = previous.spec.model === next.spec.model;
  const from = sameModel ? previous.spec.version : named(previous);
  const to = sameModel ? next.spec.version : named(next);
  const { keepWarmMs } = settingsOf(next.spec, strategy);
  const isCondemned = isQuarantined(previous, related);
  const steps: PlanStep[] = [
    ...load(next, version),
    ...(sameModel ? walk(strategy, next, related, isCondemned) : []),
    { action: 'switch', description: `switch ${placeOf(next)} ${from} → ${to}` },
  ];
  // Versions of another model cannot be held under the same name.
  if (sameModel && keepWarmMs > 0 && !isCondemned) {
    steps.push({ action: 'keep', description: `keep ${from} warm for ${formatDuration(keepWarmMs)}` });
  }
  return [...steps, { action: 'release', description: `release ${from}` }];
}

/**
 * What happens between loading and the switch, where the version did not answer before: that is said of a way back from a
 * quarantined version, whose reader would take it for another walk.
 */
function walk(
  strategy: StrategySpec,
  { spec }: Resource<DeploymentSpec>,
  related: Related,
  isWayBack: boolean,
): readonly PlanStep[] {
  const course = courseOf(strategy);
  const { name, stages } = course;
  if (stages.length === 0) return [];
  const words = `by ${name}: ${stages.map(stageInWords).join('; ')}`;
  if (isWayBack) {
    const description = `walk no steps if ${spec.version} answered before, else ${words}`;
    return [{ action: 'walk', description }];
  }
  const templates = related.matching<AnalysisTemplateSpec>(everyTemplate);
  const judging = {
    version: spec.version,
    budget: errorBudgetOf(related.get<ModelSpec>(refOf('Model', spec.model))?.spec),
    template(templateName: string) {
      const found = templates.find(({ metadata }) => metadata.name === templateName);
      return found && { name: templateName, spec: found.spec };
    },
  };
  return [{ action: 'walk', description: `walk ${words}` }, ...wantedSteps(course, judging)];
}

function isQuarantined({ spec }: Resource<DeploymentSpec>, related: Related): boolean {
  const version = related.get<ModelVersionSpec>(refOf('ModelVersion', spec.version, spec.model));
  return version?.spec.quarantine !== undefined;
}

function cacheInWords({ cache }: DeploymentSpec): string {
  return cache === undefined ? 'off' : `${cache.size ?? '64MiB'} for ${cache.ttl}`;
}

/** The same version within other bounds. */
function adjust(previous: Resource<DeploymentSpec>, next: Resource<DeploymentSpec>): readonly PlanStep[] {
  const before = settingsOf(previous.spec);
  const after = settingsOf(next.spec);
  const changes = [
    ['maxBatchSize', before.batching.maxBatchSize, after.batching.maxBatchSize],
    ['maxDelay', formatDuration(before.batching.maxDelayMs), formatDuration(after.batching.maxDelayMs)],
    ['maxQueue', before.limits.maxQueue, after.limits.maxQueue],
    ['rates', ratesInWords(previous.spec.limits?.rates), ratesInWords(next.spec.limits?.rates)],
    ['runtime', runtimeInWords(previous.spec), runtimeInWords(next.spec)],
    ['timeout', formatDuration(before.limits.timeoutMs), formatDuration(after.limits.timeoutMs)],
    ['cache', cacheInWords(previous.spec), cacheInWords(next.spec)],
    ['strategy', strategyNamed(previous), strategyNamed(next)],
    ['progressDeadline', formatDuration(before.progressDeadlineMs), formatDuration(after.progressDeadlineMs)],
    ['keepWarm', formatDuration(before.keepWarmMs), formatDuration(after.keepWarmMs)],
    ['slo', sloInWords(previous.spec), sloInWords(next.spec)],
    ['logging', loggingInWords(previous.spec), loggingInWords(next.spec)],
  ] as const;
  return changes
    .filter(([, from, to]) => from !== to)
    .map(([setting, from, to]) => ({
      action: 'set',
      description: `set ${setting} of ${placeOf(next)} ${from} → ${to}`,
    }));
}

function stop(previous: Resource<DeploymentSpec>): readonly PlanStep[] {
  return [
    { action: 'stop', description: `stop ${placeOf(previous)} after the requests under way` },
    { action: 'release', description: `release ${previous.spec.version}` },
  ];
}

function placeOf({ metadata }: Resource<DeploymentSpec>): string {
  return `${metadata.environment}/${metadata.name}`;
}

function named({ spec }: Resource<DeploymentSpec>): string {
  return `${spec.model} ${spec.version}`;
}

/** A strategy in one line; other steps of the same strategy are another. */
function strategyNamed({ spec }: Resource<DeploymentSpec>): string {
  if (spec.strategy === undefined) return 'that of the environment';
  const { name, stages } = courseOf(spec.strategy);
  return stages.length === 0 ? name : `${name} (${stages.map(stageInWords).join('; ')})`;
}
