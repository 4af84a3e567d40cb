import type { Labels, NotifiedAlert, Notifier } from '../../core/capabilities/notifier.ts';
import { notifierRefused } from '../../core/capabilities/notifier-errors.ts';
import { clearTextProblem, originOf, postJson } from './sender.ts';
import { acknowledging, oneLine } from './words.ts';

/** Alertmanager forgets what it does not hear of again: it is told each minute, and that it is so for four more. */
const repeatMs = 60_000;
const staysMs = 4 * repeatMs;

/** Hands alerts over to an Alertmanager, one by one: it groups and routes them itself. */
export const alertmanagerNotifier: Notifier = {
  secret: 'optional',
  secretIs: 'a bearer token',
  mostAlerts: 100_000,
  repeatMs,

  problem: ({ url }) => (typeof url === 'string' && URL.canParse(url) ? undefined : 'it needs a url'),

  async notify({ notification, settings, secret }, signal) {
    const url = String(settings.url).replace(/\/+$/, '');
    const where = originOf(url);
    const problem = secret === undefined ? undefined : clearTextProblem(url);
    if (problem !== undefined) throw notifierRefused(where, problem, 'Write https: in its url.');
    const headers: Record<string, string> = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
    const body = alertmanagerAlerts(notification.alerts, notification.registry, Date.now());
    await postJson(where, `${url}/api/v2/alerts`, body, headers, signal, secret);
  },
};

/** The alerts in the words of its API. The same labels are the same alert, so that telling it again changes nothing. */
export function alertmanagerAlerts(
  alerts: readonly NotifiedAlert[],
  registry: string,
  now: number,
): readonly object[] {
  return alerts.map((alert) => ({
    labels: { ...filled(alert.labels), platform: 'switchyard' },
    annotations: filled({
      summary: alert.summary,
      description: alert.description ?? '',
      evidence: alert.evidence.map(({ name, value }) => `${name}: ${value}`).join('\n'),
      help: alert.help
        .map(({ text, command, url }) => oneLine([text, command, url].filter(Boolean).join(' ')))
        .join('\n'),
      acknowledge: alert.status === 'firing' ? acknowledging(alert) : '',
      runbook_url: alert.runbook ?? '',
      registry,
    }),
    startsAt: alert.since,
    endsAt: alert.until ?? new Date(now + staysMs).toISOString(),
  }));
}

function filled(labels: Labels): Labels {
  return Object.fromEntries(Object.entries(labels).filter(([, value]) => value !== ''));
}
