/** What monitors found, for people. */
import type { ConfidenceEstimate, Measured } from '../../libraries/statistics/performance/index.ts';
import type {
  DriftDetails,
  MonitorView,
  PerformanceDetails,
  ShownMonitor,
  ShownPart,
  ShownStatus,
} from '../monitors/monitoring.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { age } from './age.ts';
import { driftRows } from './drift-table.ts';
import { figure } from './figures.ts';
import { localTime } from './journal-line.ts';
import { multivariateTable } from './multivariate-table.ts';
import { table } from './table.ts';

type Shown = Pick<Terminal, 'colours' | 'width'>;

const order: readonly ShownStatus[] = [
  'breached',
  'error',
  'warning',
  'inconclusive',
  'noData',
  'pending',
  'ok',
];
const words: Readonly<Record<ShownStatus, string>> = {
  breached: 'breached',
  error: 'error',
  warning: 'warning',
  inconclusive: 'inconclusive',
  noData: 'no data',
  pending: 'pending',
  ok: 'ok',
};
const rowsOfHistory = 10;

export function monitorTable(monitors: readonly ShownMonitor[], terminal: Shown, now: number): string {
  const rows = [...monitors]
    .sort((one, other) => order.indexOf(one.status) - order.indexOf(other.status))
    .map(({ name, status, target, rows: found, lastRun, message }) => [
      terminal.colours.bold(oneLine(name)),
      coloured(status, terminal),
      `${target.environment}/${target.deployment}`,
      found === null ? '-' : String(found),
      lastRun === null ? '-' : age(lastRun, now),
      oneLine(message),
    ]);
  return table(['NAME', 'STATUS', 'WATCHES', 'ROWS', 'CHECKED', 'WHAT'], rows, {
    width: terminal.width,
    header: terminal.colours.dim,
  });
}

/** All of one monitor: what it found last, part by part, and its checks before. */
export function monitorPage(monitor: MonitorView, terminal: Shown, now: number): string {
  const { bold, dim, red } = terminal.colours;
  const { verdict, failure, history } = monitor;
  const watched = `${monitor.target.environment}/${monitor.target.deployment}`;
  const lines = [`${bold(oneLine(monitor.name))} watches ${watched}: ${coloured(monitor.status, terminal)}`];
  if (monitor.isBreached && monitor.since !== null) {
    lines.push(red(`Breached since ${localTime(monitor.since)} (${age(monitor.since, now)}).`));
  }
  if (monitor.isBreached && monitor.proposal !== null) {
    const { state, number, version, message } = monitor.proposal;
    const what = `to go back to ${version}`;
    if (number !== undefined) lines.push(`Proposed ${what}: switchyard show ${number}`);
    else
      lines.push(`To be proposed ${what}: ${state}${message === undefined ? '' : `: ${oneLine(message)}`}`);
  }
  if (failure !== null) {
    const times = failure.times === 1 ? '' : `, ${failure.times} times in a row`;
    lines.push(red(`The check failed${times}: ${failure.code}: ${oneLine(failure.message)}`));
    if (verdict !== null) lines.push(dim(`What follows is of ${localTime(verdict.at)}.`));
  }
  if (verdict !== null) {
    const { from, to, rows } = verdict.window;
    const many = rows === null ? '' : `${rows} rows, `;
    lines.push(dim(`${many}${localTime(from)} to ${localTime(to)}, version ${verdict.version} declared`));
    for (const [name, part] of Object.entries(verdict.parts)) {
      lines.push('', `${bold(name)}: ${coloured(part.status, terminal)}, ${oneLine(part.message)}`);
      if (name === 'drift') lines.push(...driftLines(part, terminal));
      if (name === 'performance') lines.push(...performanceLines(part, terminal));
    }
  }
  if (history.length > 0) {
    const rows = history
      .slice(0, rowsOfHistory)
      .map(({ run, status, rows: found, reason }) => [
        localTime(run),
        coloured(status, terminal),
        found === null ? '-' : String(found),
        oneLine(reason),
      ]);
    lines.push(
      '',
      table(['CHECK', 'STATUS', 'ROWS', 'REASON'], rows, { width: terminal.width, header: dim }).trimEnd(),
    );
  }
  if (monitor.next !== null) lines.push('', dim(`Next check: ${localTime(monitor.next)}`));
  return `${lines.join('\n')}\n`;
}

function driftLines({ details }: ShownPart, terminal: Shown): readonly string[] {
  const { columns = [], left = [], dataset, slices = [], together = [], overTime } = details as DriftDetails;
  const { dim } = terminal.colours;
  const rowsOfSlices = slices.map(({ slice, status, rows, drifted, compared, names = [], message }) => [
    oneLine(slice),
    coloured(status, terminal),
    String(rows),
    compared === undefined ? '' : `${drifted} of ${compared}`,
    message === undefined ? names.map(oneLine).join(', ') : oneLine(message),
  ]);
  return [
    ...(columns.length === 0 ? [] : [driftRows(columns, terminal).trimEnd()]),
    ...left.map(({ column, reason }) => dim(`${oneLine(column)} is not compared: ${oneLine(reason)}`)),
    ...(dataset === undefined
      ? []
      : [dim(`A breach from ${Math.round(dataset.threshold * 100)} % of the columns on.`)]),
    ...(slices.length === 0
      ? []
      : [
          '',
          table(['SLICE', 'STATUS', 'ROWS', 'DRIFTED', 'WHAT'], rowsOfSlices, {
            width: terminal.width,
            header: dim,
          }).trimEnd(),
        ]),
    ...(together.length === 0 ? [] : ['', multivariateTable(together, terminal).trimEnd()]),
    ...(overTime === undefined
      ? []
      : [
          dim(
            `Over ${overTime.seen === 1 ? '1 window' : `${overTime.seen} windows that share no rows`}: evidence ${overTime.evidence.toPrecision(3)}; ${Object.entries(
              overTime.signals,
            )
              .map(([name, signal]) => `${name} ${signal}`)
              .join(', ')}`,
          ),
        ]),
  ];
}

function performanceLines({ details }: ShownPart, terminal: Shown): readonly string[] {
  const { measured, estimated, slices = [] } = details as PerformanceDetails;
  const { dim } = terminal.colours;
  const rows = [
    ...figureRows('labels', measured),
    ...slices.flatMap(({ column, slice, measured: own }) => figureRows(`${column} ${slice}`, own)),
    ...figureRows('estimate', estimated),
  ];
  if (rows.length === 0) return [];
  const heads = ['METRIC', 'BY', 'ROWS', 'VALUE', 'INTERVAL', 'REMARKS'];
  return [
    table(heads, rows, { width: terminal.width, header: dim }).trimEnd(),
    ...[...(measured?.notes ?? []), ...(estimated?.notes ?? [])].map((note) => dim(oneLine(note))),
    ...(estimated == null
      ? []
      : [
          dim(
            'An estimate holds while a probability means what it meant: concept drift shows only in labels.',
          ),
        ]),
  ];
}

function figureRows(by: string, found: Measured | ConfidenceEstimate | null | undefined): string[][] {
  if (found == null) return [];
  return found.metrics.map(({ metric, value, low, high, reason }) => [
    metric,
    oneLine(by),
    String(found.n),
    figure(value),
    low === null || high === null ? '' : `${figure(low)} to ${figure(high)}`,
    oneLine(reason ?? ''),
  ]);
}

function coloured(status: ShownStatus, { colours }: Shown): string {
  const word = words[status];
  if (status === 'breached' || status === 'error') return colours.red(word);
  if (status === 'ok') return colours.green(word);
  return status === 'warning' ? colours.yellow(word) : colours.dim(word);
}
