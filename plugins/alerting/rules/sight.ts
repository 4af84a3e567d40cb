import type { Fact, Help } from '../../../core/capabilities/notifier.ts';
import type { Content, Sighting } from '../alert.ts';
import type { Observed } from './observe.ts';
import { alertId, type Rule } from './rule.ts';

/** What a source measured for a rule. */
export type Reading =
  | { readonly type: 'value'; readonly result: unknown; readonly at: number }
  | { readonly type: 'noData'; readonly reason: string; readonly at: number }
  | { readonly type: 'error'; readonly message: string; readonly at: number };

/**
 * What a rule says about something: an alert's words, that there is none, or that it cannot be said now, in which case all
 * stays as it is. Throws `EvaluationError` for an expression that makes no sense of what it sees.
 */
export function sight(
  rule: Rule,
  observed: Observed,
  reading: Reading | undefined,
): Sighting | 'nothing' | 'unknown' {
  if (rule.metric === undefined)
    return rule.holds(observed.values) ? sighting(rule, observed, []) : 'nothing';
  if (reading === undefined || reading.type === 'error') return 'unknown';
  if (reading.type === 'noData') {
    if (!rule.metric.noDataFires) return 'nothing';
    return sighting(rule, observed, [{ name: 'No data', value: reading.reason }]);
  }
  const values = { ...observed.values, result: reading.result };
  if (!rule.holds(values)) return 'nothing';
  const measured = { name: 'Measured', value: `${shown(reading.result)} by ${rule.metric.provider}` };
  return sighting(rule, { ...observed, values }, [measured]);
}

function sighting(rule: Rule, observed: Observed, measured: readonly Fact[]): Sighting {
  const { name, severity, labels, isMandatory } = rule;
  return {
    id: alertId(name, observed.about),
    rule: name,
    severity,
    labels: { ...labels, ...observed.labels, alertname: name, severity },
    ...(observed.ref === undefined ? {} : { ref: observed.ref }),
    content: contentOf(rule, observed, measured),
    isMandatory,
  };
}

function contentOf(rule: Rule, observed: Observed, measured: readonly Fact[]): Content {
  const said = new Map<string, string>();
  for (const [key, template] of rule.annotations) said.set(key, template.render(observed.values).trim());
  const { summary = '', description = '', command = '', ...others } = Object.fromEntries(said);
  const evidence = [
    ...measured,
    ...observed.evidence,
    ...Object.entries(others)
      .filter(([, value]) => value !== '')
      .map(([name, value]) => ({ name, value })),
  ];
  const help: Help[] = [...observed.help];
  if (command !== '') help.push({ text: 'Look', command: oneLine(command) });
  return {
    summary: oneLine(summary) || rule.name,
    ...(description === '' ? {} : { description }),
    evidence,
    help,
    ...(rule.runbook === undefined ? {} : { runbook: rule.runbook }),
    revision: observed.news,
  };
}

function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

function shown(result: unknown): string {
  return typeof result === 'number' ? String(Number(result.toPrecision(6))) : JSON.stringify(result);
}
