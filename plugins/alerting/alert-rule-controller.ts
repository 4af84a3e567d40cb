import { type Controller, ready, stalled } from '../../core/plugin.ts';
import type { AlertRuleSpec } from '../../schemas/generated/alert-rule.ts';
import type { Alerting } from './alerting.ts';
import { compileRule } from './rules/rule.ts';

/** Hands rules to alerting, and shows what fires as a condition of its rule. */
export function alertRuleController({
  watch,
  memory,
}: Pick<Alerting, 'watch' | 'memory'>): Controller<AlertRuleSpec> {
  const digests = new Map<string, string>();
  return {
    plan: (change) => [
      change.type === 'removed'
        ? { action: 'stop watching', description: `${change.previous.metadata.name} is over` }
        : { action: 'watch', description: `tell when ${change.next.spec.when}` },
    ],
    async reconcile({ resource }) {
      const { ref, metadata, spec, digest } = resource;
      const rule = compileRule(metadata.name, spec, { ref });
      if (!('holds' in rule)) return stalled('InvalidRule', rule[0]?.message ?? 'it cannot be asked');
      if (digests.get(ref) !== digest) watch.setRule(rule);
      digests.set(ref, digest);
      const failure = watch.failureOf(rule.name);
      const own = [...memory.state.alerts.values()].filter((alert) => alert.rule === rule.name);
      const firing = own.filter(({ phase }) => phase === 'firing');
      const pending = own.filter(({ phase }) => phase === 'pending');
      const facts = { firing: firing.length, pending: pending.length };
      const degraded =
        failure !== undefined
          ? { reason: 'EvaluationFailed', message: failure }
          : firing.length > 0
            ? {
                reason: 'Firing',
                message:
                  firing
                    .slice(0, 3)
                    .map(({ content }) => content.summary)
                    .join('; ') + rest(firing.length - 3),
              }
            : undefined;
      return ready(
        'Watching',
        `${firing.length === 0 ? 'nothing fires' : `${firing.length} fire`}${pending.length === 0 ? '' : `, ${pending.length} may soon`}`,
        { facts, ...(degraded === undefined ? {} : { degraded }) },
      );
    },
    async remove({ resource }) {
      digests.delete(resource.ref);
      watch.removeRule(resource.metadata.name);
      return ready('Forgotten', 'the rule is no longer asked');
    },
  };
}

function rest(count: number): string {
  return count > 0 ? `; and ${count} more` : '';
}
