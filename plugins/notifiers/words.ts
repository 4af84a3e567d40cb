/** What a notification says, for people: a subject, plain text, Markdown. */
import type { Notification, NotifiedAlert } from '../../core/capabilities/notifier.ts';

/** How many alerts are written out; the rest is counted. */
const written = 20;

/** `[firing: 3] critical: production/geese was rolled back`. One line. */
export function subjectOf(notification: Notification): string {
  const { status, alerts, omitted, escalation } = notification;
  const shown = alerts.filter((alert) => (status === 'resolved' ? true : alert.status === 'firing'));
  const count = shown.length + omitted;
  const [worst] = shown;
  const level = escalation > 0 ? `, level ${escalation}` : '';
  const more = count > 1 ? ` and ${count - 1} more` : '';
  return oneLine(
    `[${status}${count > 1 ? `: ${count}` : ''}${level}] ${worst === undefined ? '' : `${worst.severity}: ${worst.summary}`}${more}`,
  );
}

/** All of it as plain text: what, where, since when, the evidence, what helps. */
export function textOf(notification: Notification): string {
  const { alerts, registry } = notification;
  const blocks = alerts
    .slice(0, written)
    .map((alert) =>
      [
        `${alert.status === 'resolved' ? 'OVER' : alert.severity.toUpperCase()}  ${alert.summary}`,
        ...(alert.description === undefined ? [] : [alert.description]),
        `  where:  ${alert.ref ?? 'the platform'}`,
        `  since:  ${alert.since}${alert.until === undefined ? '' : ` until ${alert.until}`}`,
        ...alert.evidence.map(({ name, value }) => `  ${name}: ${value}`),
        ...alert.help.map((help) => `  ${help.text}: ${[help.command, help.url].filter(Boolean).join('  ')}`),
        ...(alert.runbook === undefined ? [] : [`  Runbook: ${alert.runbook}`]),
        ...acknowledgement(alert).map((line) => `  ${line}`),
        ...(alert.status === 'firing' && alert.acknowledged === undefined && notification.status !== 'test'
          ? [`  Take it: ${acknowledging(alert)}`]
          : []),
      ].join('\n'),
    );
  return `${[...blocks, ...left(notification), `Registry: ${registry}`].join('\n\n')}\n`;
}

/** All of it as Markdown. Nothing in it can mention people, link or close anything. */
export function markdownOf(notification: Notification): string {
  const blocks = notification.alerts
    .slice(0, written)
    .map((alert) =>
      [
        `### ${alert.status === 'resolved' ? 'Over' : alert.severity}: ${escaped(alert.summary)}`,
        ...(alert.description === undefined ? [] : [escaped(alert.description)]),
        [
          `- where: ${code(alert.ref ?? 'the platform')}`,
          `- since: ${alert.since}${alert.until === undefined ? '' : ` until ${alert.until}`}`,
          ...alert.evidence.map(({ name, value }) => `- ${escaped(name)}: ${escaped(value)}`),
          ...acknowledgement(alert).map((line) => `- ${escaped(line)}`),
        ].join('\n'),
        [
          ...alert.help.map((help) => `- ${escaped(help.text)}: ${helping(help)}`),
          ...(alert.runbook === undefined ? [] : [`- Runbook: <${alert.runbook}>`]),
          ...(alert.status === 'firing' && alert.acknowledged === undefined
            ? [`- Take it: ${code(acknowledging(alert))}`]
            : []),
        ].join('\n'),
      ].join('\n\n'),
    );
  return [...blocks, ...left(notification).map(escaped)].join('\n\n');
}

/** The command by which somebody takes an alert. */
export function acknowledging({ id }: NotifiedAlert): string {
  return `switchyard ack ${id} --reason "I look at it"`;
}

/** What does not fit. */
export function left({ alerts, omitted }: Notification, shown = written): readonly string[] {
  const count = Math.max(0, alerts.length - shown) + omitted;
  return count === 0 ? [] : [`And ${count} more: switchyard alerts`];
}

export function acknowledgement({ acknowledged }: NotifiedAlert): readonly string[] {
  if (acknowledged === undefined) return [];
  const { by, at, reason } = acknowledged;
  return [`Taken by ${oneLine(by)} at ${at}: ${oneLine(reason)}`];
}

export function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** At most so many UTF-16 units, as limits of others are counted, and no half characters. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}

function helping({ command, url }: { readonly command?: string; readonly url?: string }): string {
  return [command === undefined ? undefined : code(command), url === undefined ? undefined : `<${url}>`]
    .filter(Boolean)
    .join(' ');
}

/** A word joiner after what forges act on: `@somebody`, `#7`. Line breaks stay. */
function escaped(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]<>|~]/g, '\\$&')
    .replaceAll(/([@#])(?=\w)/g, '$1\u2060')
    .replaceAll(/\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)\s+(?=#|https?:|\w+\/\w+#)/gi, '$1\u2060 ');
}

function code(text: string): string {
  return `\`${oneLine(text).replaceAll('`', "'")}\``;
}
