import { type Controller, ready } from '../../core/plugin.ts';
import type { PolicySpec } from '../../schemas/generated/policy.ts';

/** There is nothing to make of a policy: it judges when a proposal is judged. */
export function policyController(): Controller<PolicySpec> {
  return {
    async reconcile({ resource }) {
      const { length } = resource.spec.rules;
      const message = `judges proposals by ${length} ${length === 1 ? 'rule' : 'rules'}`;
      return ready('Judging', message, { facts: { rules: length } });
    },
  };
}
