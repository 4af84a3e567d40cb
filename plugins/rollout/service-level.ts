import type { ServiceLevel, ServiceLevels } from '../../core/capabilities/service-levels.ts';
import type { Outcome, Resource } from '../../core/plugin.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import { promisedLevel } from './promised-level.ts';

/** Declares what a deployment promises, and asks how it stands; undefined where it promises nothing. */
export function levelOf(
  resource: Resource<DeploymentSpec>,
  levels: ServiceLevels | undefined,
): ServiceLevel | 'unwatched' | undefined {
  const promise = promisedLevel(resource);
  if (promise !== undefined) return levels?.keep(promise) ?? 'unwatched';
  levels?.forget(String(resource.metadata.environment), resource.metadata.name);
  return undefined;
}

/** What a rollout has to say comes first; facts have both. */
export function withLevel(outcome: Outcome, level: ServiceLevel | 'unwatched' | undefined): Outcome {
  if (level === undefined) return outcome;
  if (level === 'unwatched') {
    const message = 'nobody watches what spec.slo promises: name the plugin slo in platform.yaml';
    return { degraded: { reason: 'ServiceLevelUnwatched', message }, ...outcome };
  }
  const { burning } = level;
  return {
    ...(burning === undefined
      ? {}
      : { degraded: { reason: 'ErrorBudgetBurning', message: burning.message } }),
    ...outcome,
    facts: { ...outcome.facts, slo: level },
  };
}
