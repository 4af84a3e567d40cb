import type { Alerting } from './alerting.ts';

/** What alerting says of itself, as Prometheus text. */
export function exposition({ memory, watch, dispatch, now }: Alerting): string {
  const { alerts, outbox } = memory.state;
  const counts = new Map<string, number>();
  for (const { phase, severity, rule } of alerts.values()) {
    if (phase === 'resolved') continue;
    const labels = `alertname="${rule}",severity="${severity}",state="${phase}"`;
    counts.set(labels, (counts.get(labels) ?? 0) + 1);
  }
  const oldest = outbox.reduce((least, { createdAt }) => Math.min(least, createdAt), now());
  const lines = [
    '# HELP switchyard_alerts Alerts that fire, or will if it goes on.',
    '# TYPE switchyard_alerts gauge',
    ...[...counts].map(([labels, count]) => `switchyard_alerts{${labels}} ${count}`),
    '# HELP switchyard_alert_rules_failing Alert rules that cannot say whether they fire.',
    '# TYPE switchyard_alert_rules_failing gauge',
    `switchyard_alert_rules_failing ${[...watch.rules.keys()].filter((name) => watch.failureOf(name) !== undefined).length}`,
    '# HELP switchyard_alerting_unwritten Whether what alerting knows cannot be written to its disk.',
    '# TYPE switchyard_alerting_unwritten gauge',
    `switchyard_alerting_unwritten ${memory.unwritten === undefined ? 0 : 1}`,
    '# HELP switchyard_notifications_waiting Notifications that are still to be delivered.',
    '# TYPE switchyard_notifications_waiting gauge',
    `switchyard_notifications_waiting ${outbox.length}`,
    '# HELP switchyard_notifications_oldest_seconds Age of the oldest notification that is still to be delivered.',
    '# TYPE switchyard_notifications_oldest_seconds gauge',
    `switchyard_notifications_oldest_seconds ${(now() - oldest) / 1000}`,
    '# HELP switchyard_notifications_given_up_total Notifications that could not be delivered for a week.',
    '# TYPE switchyard_notifications_given_up_total counter',
    `switchyard_notifications_given_up_total ${dispatch.givenUp}`,
    '# HELP switchyard_notifications_total Attempts to deliver, by what became of them.',
    '# TYPE switchyard_notifications_total counter',
  ];
  for (const { labels, told, failed } of dispatch.counts.values()) {
    lines.push(`switchyard_notifications_total{${labels},outcome="delivered"} ${told}`);
    lines.push(`switchyard_notifications_total{${labels},outcome="failed"} ${failed}`);
  }
  return `${lines.join('\n')}\n`;
}
