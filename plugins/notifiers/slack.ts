import type { Notification, NotifiedAlert, Notifier } from '../../core/capabilities/notifier.ts';
import { notifierRefused } from '../../core/capabilities/notifier-errors.ts';
import { clearTextProblem, postJson } from './sender.ts';
import { acknowledgement, acknowledging, cut, left, oneLine, subjectOf } from './words.ts';

/** Slack takes at most 50 blocks; each alert needs two or three. */
const shown = 10;
const signs = { critical: '🔴', warning: '🟠', info: '🔵' } as const;

/** Writes to the channel of an incoming webhook, whose URL is the secret. */
export const slackNotifier: Notifier = {
  secret: 'required',
  secretIs: 'the URL of the incoming webhook',

  async notify({ notification, secret = '' }, signal) {
    const problem = clearTextProblem(secret);
    if (problem !== undefined) {
      throw notifierRefused(
        'Slack',
        'the secret is not the URL of an incoming webhook',
        'Correct the value of the secret.',
      );
    }
    await postJson('Slack', secret, slackMessage(notification), {}, signal, secret);
  },
};

/** A message in Block Kit; `text` is what notifications of clients show. */
export function slackMessage(notification: Notification): object {
  const subject = subjectOf(notification);
  return {
    text: cut(escaped(subject), 3000),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: cut(`${signOf(notification)} ${subject}`, 150) } },
      ...notification.alerts
        .slice(0, shown)
        .flatMap((alert) => blocksOf(alert, notification.status === 'test')),
      ...left(notification, shown).map((line) => context(line)),
      context(`Registry: ${notification.registry}`),
    ],
  };
}

function blocksOf(alert: NotifiedAlert, isTest: boolean): readonly object[] {
  const { summary, description, evidence, help, runbook, ref, since, until } = alert;
  const said = [
    `*${escaped(oneLine(summary))}*`,
    ...(description === undefined ? [] : [escaped(description)]),
    ...evidence.map(({ name, value }) => `• ${escaped(name)}: ${escaped(value)}`),
    ...help.map(
      ({ text, command, url }) =>
        `→ ${url === undefined ? escaped(text) : `<${escaped(url)}|${escaped(text).replaceAll('|', '/')}>`}${command === undefined ? '' : ` \`${escaped(oneLine(command))}\``}`,
    ),
    ...(runbook === undefined ? [] : [`→ <${escaped(runbook)}|Runbook>`]),
    ...acknowledgement(alert).map(escaped),
  ];
  const take =
    alert.status === 'firing' && alert.acknowledged === undefined && !isTest
      ? [`\`${escaped(acknowledging(alert))}\``]
      : [];
  const when = `${alert.status === 'resolved' ? 'over' : alert.severity} · ${ref ?? 'the platform'} · since ${since}${until === undefined ? '' : ` until ${until}`}`;
  return [
    { type: 'section', text: { type: 'mrkdwn', text: cut(said.join('\n'), 3000) } },
    {
      type: 'context',
      elements: [when, ...take].map((text) => ({
        type: 'mrkdwn',
        text: cut(take.includes(text) ? text : escaped(text), 2000),
      })),
    },
  ];
}

function context(text: string): object {
  return { type: 'context', elements: [{ type: 'mrkdwn', text: cut(escaped(text), 2000) }] };
}

function signOf({ status, alerts }: Notification): string {
  if (status === 'resolved') return '🟢';
  if (status === 'test') return '🧪';
  return signs[alerts[0]?.severity ?? 'info'];
}

/** What Slack reads as markup, mentions among them. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
