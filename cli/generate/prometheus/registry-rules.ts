import type { Resource } from '../../../core/plugin.ts';
import type { AlertRuleSpec } from '../../../schemas/generated/alert-rule.ts';
import { alertRuleGroup, type LeftOut } from './alert-rule.ts';
import { objectivesOf } from './objectives.ts';
import { platformRules } from './platform-rules.ts';
import type { RuleGroup } from './rule-file.ts';
import { sloGroups } from './slo-rules.ts';

export interface RegistryRules {
  readonly groups: readonly RuleGroup[];
  readonly leftOut: readonly LeftOut[];
}

/** Rules about any platform, those of the registry's objectives, and those of its AlertRules that have an equal. */
export function registryRules(resources: readonly Resource[]): RegistryRules {
  const groups: RuleGroup[] = [...platformRules];
  const leftOut: LeftOut[] = [];
  for (const resource of byRef(resources)) {
    if (resource.kind === 'Deployment') groups.push(...objectivesOf(resource).flatMap(sloGroups));
    if (resource.kind !== 'AlertRule') continue;
    const made = alertRuleGroup(resource as Resource<AlertRuleSpec>, byRef(resources));
    if ('rules' in made) groups.push(made);
    else leftOut.push(made);
  }
  return { groups, leftOut };
}

/** The same registry gives the same text. */
function byRef(resources: readonly Resource[]): readonly Resource[] {
  return [...resources].sort((one, other) => (one.ref < other.ref ? -1 : 1));
}
