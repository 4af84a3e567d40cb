import type { Resource } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import type { DeploymentSpec } from '../../schemas/generated/deployment.ts';
import { type DeploymentRules, defaultRules } from './store/state.ts';

/** How long each deployment that logs anything wants it kept, by `environment/deployment`. */
export function declaredLogging(resources: Iterable<Resource>): Readonly<Record<string, DeploymentRules>> {
  const rules: Record<string, DeploymentRules> = {};
  for (const { kind, metadata, spec } of resources) {
    if (kind !== 'Deployment') continue;
    const { logging } = spec as DeploymentSpec;
    if (logging === undefined) continue;
    const retain = logging.retain === undefined ? defaultRules.retain : parseDuration(logging.retain);
    const feedbackFor = logging.feedbackFor === undefined ? retain : parseDuration(logging.feedbackFor);
    rules[`${metadata.environment}/${metadata.name}`] = { retain, feedbackFor };
  }
  return rules;
}
