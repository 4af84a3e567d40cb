import { defineKind, type Finding } from '../../core/plugin.ts';
import { parseDuration } from '../../libraries/duration/index.ts';
import { type AlertRuleSpec, alertRuleSchema } from '../../schemas/generated/alert-rule.ts';
import { breakGlass } from './rules/built-in.ts';
import { compileRule } from './rules/rule.ts';

const shortestIntervalMs = 1000;

/** What is worth telling people. */
export const alertRuleKind = defineKind<AlertRuleSpec>({
  kind: 'AlertRule',
  plural: 'alertrules',
  shortNames: ['alert'],
  description: 'What is worth telling people: a condition, and how long it must hold.',
  schema: alertRuleSchema,
  path: 'alerts/{name}.yaml',
  columns: [
    { title: 'Severity', pointer: '/spec/severity' },
    { title: 'For', pointer: '/spec/for' },
  ],
  validationVersion: '2',

  validate({ ref, metadata, spec }) {
    const findings: Finding[] = [];
    if (metadata.name === breakGlass) {
      findings.push({
        code: 'ReservedRule',
        pointer: '/metadata/name',
        message: 'that somebody broke the glass is always told: no rule takes the place of this one',
        hint: 'Give the rule another name.',
      });
    }
    const compiled = compileRule(metadata.name, spec, { ref });
    if (!('holds' in compiled)) {
      for (const problem of compiled) findings.push({ code: 'InvalidRule', ...problem });
    }
    const { interval } = spec.metric ?? {};
    if (interval !== undefined && parseDuration(interval) < shortestIntervalMs) {
      findings.push({
        code: 'IntervalTooShort',
        pointer: '/spec/metric/interval',
        message: `${interval} is shorter than 1s, and nothing new can be seen more often`,
        hint: 'Write 1s or more.',
      });
    }
    if (spec.metric?.provider.builtin !== undefined && !spec.resources?.kinds.includes('Deployment')) {
      findings.push({
        code: 'NothingToMeasure',
        pointer: '/spec/metric/provider/builtin',
        message: 'builtin measures what deployments answer, and the rule looks at none',
        hint: 'Add `resources: { kinds: [Deployment] }`.',
      });
    }
    return findings;
  },
});
