/** Alerts and silences, for people. */
import type { ShownAlert, ShownSilence } from '../alerts/alerting.ts';
import { type Colours, oneLine } from '../terminal.ts';
import { age } from './age.ts';
import { localTime } from './journal-line.ts';
import { table } from './table.ts';
import { wrapped } from './wrapped.ts';

export interface AlertViewOptions {
  readonly now: number;
  readonly width: number;
  readonly colours: Colours;
}

const ranks = { critical: 0, warning: 1, info: 2 } as const;
const states = { firing: 0, pending: 1, resolved: 2 } as const;

export function alertTable(alerts: readonly ShownAlert[], options: AlertViewOptions): string {
  const { colours, now } = options;
  const rows = [...alerts]
    .sort(
      (a, b) =>
        states[a.state] - states[b.state] ||
        ranks[a.severity] - ranks[b.severity] ||
        (a.since < b.since ? 1 : -1),
    )
    .map((alert) => [
      alert.id.slice(0, 8),
      severityOf(alert, colours),
      stateOf(alert, colours),
      age(alert.since, now),
      oneLine(alert.name),
      oneLine(alert.summary),
    ]);
  return table(['ID', 'SEVERITY', 'STATE', 'SINCE', 'RULE', 'WHAT'], rows, {
    width: options.width,
    header: colours.dim,
  });
}

/** All of one alert, and what helps. */
export function alertView(alert: ShownAlert, options: AlertViewOptions): string {
  const { colours, now, width } = options;
  const { bold, dim, cyan } = colours;
  const facts: (readonly [string, string])[] = [
    ['where', alert.ref ?? 'the platform'],
    ['since', `${localTime(alert.since)} (${age(alert.since, now)} ago)`],
    ...(alert.resolvedAt === null ? [] : [['until', localTime(alert.resolvedAt)] as const]),
    ['rule', alert.name],
    [
      'labels',
      Object.entries(alert.labels)
        .map(([name, value]) => `${name}="${value}"`)
        .join(' '),
    ],
    ...alert.evidence.map(({ name, value }) => [name, value] as const),
    ...(alert.acknowledged === null
      ? []
      : [
          [
            'taken',
            `${alert.acknowledged.by}, ${localTime(alert.acknowledged.at)}: ${alert.acknowledged.reason}`,
          ] as const,
        ]),
    ...(alert.silencedBy === null
      ? []
      : [
          [
            'silenced',
            `by ${alert.silencedBy.by} until ${localTime(alert.silencedBy.until)}: ${alert.silencedBy.reason}`,
          ] as const,
        ]),
    [
      'told',
      alert.told.length === 0
        ? 'nobody'
        : alert.told.map(({ receiver, at }) => `${receiver} (${localTime(at)})`).join(', '),
    ],
  ];
  const help = [
    ...alert.help.map(({ text, command, url }) => [text, [command, url].filter(Boolean).join('  ')] as const),
    ...(alert.runbook === undefined ? [] : [['Runbook', alert.runbook] as const]),
    ...(alert.state === 'firing' && alert.acknowledged === null
      ? [['Take it', `switchyard ack ${alert.id.slice(0, 8)} --reason TEXT`] as const]
      : []),
  ];
  const rows = (all: readonly (readonly [string, string])[], paint: (text: string) => string) =>
    table(
      [],
      all.map(([name, value]) => [`  ${dim(oneLine(name))}`, paint(oneLine(value))]),
      { width: Number.POSITIVE_INFINITY },
    );
  return [
    `${severityOf(alert, colours)} ${stateOf(alert, colours)}  ${bold(oneLine(alert.summary))}  ${dim(alert.id)}\n`,
    ...(alert.description === undefined
      ? []
      : [`${wrapped(oneLine(alert.description), Math.min(width, 110)).join('\n')}\n`]),
    '\n',
    rows(facts, (text) => text),
    ...(help.length === 0 ? [] : ['\n', rows(help, cyan)]),
  ].join('');
}

export function silenceTable(silences: readonly ShownSilence[], options: AlertViewOptions): string {
  const rows = silences.map(({ id, matchers, until, by, reason }) => [
    id,
    localTime(until),
    oneLine(by),
    oneLine(matchers.join(', ')),
    oneLine(reason),
  ]);
  return table(['ID', 'UNTIL', 'BY', 'MATCHERS', 'WHY'], rows, {
    width: options.width,
    header: options.colours.dim,
  });
}

function severityOf({ severity, state }: ShownAlert, { red, yellow, dim }: Colours): string {
  if (state === 'resolved') return dim(severity);
  return severity === 'critical' ? red(severity) : severity === 'warning' ? yellow(severity) : severity;
}

function stateOf({ state, acknowledged, silencedBy }: ShownAlert, { dim, green }: Colours): string {
  if (state === 'resolved') return green('over');
  if (state === 'pending') return dim('may soon');
  if (acknowledged !== null) return `taken by ${oneLine(acknowledged.by)}`;
  return silencedBy === null ? 'fires' : dim('silenced');
}
