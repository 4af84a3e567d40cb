import type { Resource } from '../../../core/plugin.ts';
import type { AlertRuleSpec } from '../../../schemas/generated/alert-rule.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import { alertRuleGroup, type LeftOut } from './alert-rule.ts';
import { monitorGroup } from './monitor-rules.ts';
import { objectivesOf } from './objectives.ts';
import { platformRules } from './platform-rules.ts';
import type { RuleGroup } from './rule-file.ts';
import { sloGroup } from './slo-rules.ts';

export interface RegistryRules {
  readonly groups: readonly RuleGroup[];
  readonly leftOut: readonly LeftOut[];
}

/** Rules about any platform, and those of the registry's objectives, monitors and AlertRules that have an equal. */
export function registryRules(resources: readonly Resource[]): RegistryRules {
  const groups: RuleGroup[] = [...platformRules];
  const leftOut: LeftOut[] = [];
  for (const resource of byRef(resources)) {
    for (const made of groupsOf(resource, resources)) {
      if ('rules' in made) groups.push(made);
      else leftOut.push(made);
    }
  }
  return { groups, leftOut };
}

function groupsOf(resource: Resource, all: readonly Resource[]): readonly (RuleGroup | LeftOut)[] {
  switch (resource.kind) {
    case 'Deployment':
      return objectivesOf(resource as Resource<DeploymentSpec>).map(sloGroup);
    case 'Monitor':
      return [monitorGroup(resource as Resource<MonitorSpec>)];
    case 'AlertRule':
      return [alertRuleGroup(resource as Resource<AlertRuleSpec>, byRef(all))];
    default:
      return [];
  }
}

/** The same registry gives the same text. */
function byRef(resources: readonly Resource[]): readonly Resource[] {
  return [...resources].sort((one, other) => (one.ref < other.ref ? -1 : 1));
}
