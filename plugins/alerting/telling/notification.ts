import type { Notification, NotifiedAlert } from '../../../core/capabilities/notifier.ts';
import type { Alert } from '../alert.ts';
import type { Tell } from '../routing/groups.ts';

export interface NotificationOptions {
  readonly id: string;
  /** The receiver's name. */
  readonly receiver: string;
  /** Where the registry lives. */
  readonly registry: string;
  readonly alerts: ReadonlyMap<string, Alert>;
  readonly most: number;
  readonly now: number;
}

/** Writes down what is told of a group: firing ones first, worst first. */
export function notificationOf(tell: Tell, options: NotificationOptions): Notification {
  const { group, firing, resolved } = tell;
  const over = resolved.flatMap((id) => options.alerts.get(id) ?? []);
  const all = ordered([...firing, ...over].map(notified));
  return {
    id: options.id,
    group: group.key,
    status: statusOf(all),
    receiver: options.receiver,
    groupLabels: group.labels,
    alerts: all.slice(0, options.most),
    omitted: Math.max(0, all.length - options.most),
    at: timeOf(options.now),
    registry: options.registry,
    escalation: group.level,
  };
}

/**
 * Two things to be told become one while nobody could be told: what the newer says, and what only the older says. Where
 * the newer says nothing new, the older stays as it is.
 */
export function merged(older: Notification, newer: Notification, most: number): Notification {
  const before = new Map(older.alerts.map((alert) => [alert.id, shapeOf(alert)]));
  if (
    newer.omitted <= older.omitted &&
    newer.alerts.every((alert) => before.get(alert.id) === shapeOf(alert))
  ) {
    return older;
  }
  const now = new Set(newer.alerts.map(({ id }) => id));
  const all = ordered([...newer.alerts, ...older.alerts.filter(({ id }) => !now.has(id))]);
  const cut = Math.max(0, all.length - most);
  return {
    ...newer,
    status: statusOf(all),
    alerts: all.slice(0, most),
    omitted: Math.max(older.omitted, newer.omitted) + cut,
  };
}

function notified(alert: Alert): NotifiedAlert {
  const { id, rule, severity, labels, ref, content, since, resolvedAt, acknowledged } = alert;
  const { summary, description, evidence, help, runbook } = content;
  const isOver = alert.phase === 'resolved';
  return {
    id,
    status: isOver ? 'resolved' : 'firing',
    name: rule,
    severity,
    labels,
    summary,
    ...(description === undefined ? {} : { description }),
    ...(ref === undefined ? {} : { ref }),
    since: timeOf(since),
    ...(isOver && resolvedAt !== undefined ? { until: timeOf(resolvedAt) } : {}),
    evidence,
    help,
    ...(runbook === undefined ? {} : { runbook }),
    ...(acknowledged === undefined
      ? {}
      : { acknowledged: { by: acknowledged.by, reason: acknowledged.reason, at: timeOf(acknowledged.at) } }),
  };
}

function statusOf(alerts: readonly NotifiedAlert[]): Notification['status'] {
  const firing = alerts.filter(({ status }) => status === 'firing');
  if (firing.length === 0) return 'resolved';
  return firing.every(({ acknowledged }) => acknowledged !== undefined) ? 'acknowledged' : 'firing';
}

const ranks = { critical: 0, warning: 1, info: 2 } as const;

function ordered(alerts: readonly NotifiedAlert[]): readonly NotifiedAlert[] {
  const rankOf = ({ status, severity }: NotifiedAlert) => (status === 'firing' ? 0 : 10) + ranks[severity];
  return [...alerts].sort(
    (a, b) => rankOf(a) - rankOf(b) || (a.since < b.since ? -1 : a.since > b.since ? 1 : 0),
  );
}

function shapeOf({ status, until, acknowledged, evidence, help }: NotifiedAlert): string {
  return JSON.stringify([status, until, acknowledged, evidence, help]);
}

function timeOf(at: number): string {
  return new Date(at).toISOString();
}
