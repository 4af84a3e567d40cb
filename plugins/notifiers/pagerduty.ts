import type { Notification, Notifier } from '../../core/capabilities/notifier.ts';
import { clearTextProblem, originOf, postJson } from './sender.ts';
import { cut, oneLine, subjectOf, textOf } from './words.ts';

const usual = 'https://events.pagerduty.com';
const actions = {
  firing: 'trigger',
  test: 'trigger',
  acknowledged: 'acknowledge',
  resolved: 'resolve',
} as const;

/** Triggers, acknowledges and resolves incidents, one for each group of alerts (Events API v2). */
export const pagerdutyNotifier: Notifier = {
  secret: 'required',
  secretIs: 'the integration key of the service',
  // An event has at most 512 KB.
  mostAlerts: 50,

  problem: ({ url }) => (url === undefined ? undefined : clearTextProblem(url)),

  async notify({ notification, settings, secret = '' }, signal) {
    const url = typeof settings.url === 'string' ? settings.url.replace(/\/+$/, '') : usual;
    const send = (event: object) => postJson(originOf(url), `${url}/v2/enqueue`, event, {}, signal, secret);
    await send(pagerdutyEvent(notification, secret));
    // A test wakes nobody for long.
    if (notification.status === 'test') {
      await send({ routing_key: secret, event_action: 'resolve', dedup_key: cut(notification.group, 255) });
    }
  },
};

/** What the Events API is sent. The group is the incident, so that the same event again changes nothing. */
export function pagerdutyEvent(notification: Notification, routingKey: string): object {
  const { status, group, alerts, registry, groupLabels } = notification;
  const event = {
    routing_key: routingKey,
    event_action: actions[status],
    dedup_key: cut(group, 255),
  };
  if (event.event_action !== 'trigger') return event;
  const [worst] = alerts;
  const links = alerts
    .slice(0, 10)
    .flatMap(({ help, runbook }) => [
      ...help.flatMap(({ url, text }) => (url === undefined ? [] : [{ href: url, text }])),
      ...(runbook === undefined ? [] : [{ href: runbook, text: 'Runbook' }]),
    ]);
  return {
    ...event,
    client: 'Switchyard',
    payload: {
      summary: cut(subjectOf(notification), 1024),
      source: cut(oneLine(registry), 255),
      severity: worst?.severity ?? 'info',
      timestamp: worst?.since,
      ...(worst?.ref === undefined ? {} : { component: worst.ref }),
      class: worst?.name,
      custom_details: { text: cut(textOf(notification), 100_000), labels: groupLabels },
    },
    ...(links.length === 0 ? {} : { links }),
  };
}
