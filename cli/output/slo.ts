/** Service levels, for people. */
import { parseDuration } from '../../libraries/duration/index.ts';
import type { ShownLevel, ShownObjective } from '../slo/run-slo.ts';
import { type Colours, oneLine } from '../terminal.ts';
import { age, duration } from './age.ts';
import { localTime } from './journal-line.ts';
import { table } from './table.ts';

export interface SloViewOptions {
  readonly now: number;
  readonly width: number;
  readonly colours: Colours;
}

/** A line for each objective; burn rates from the shortest window to the longest. */
export function sloTable(levels: readonly ShownLevel[], { width, colours }: SloViewOptions): string {
  const windows = Object.keys(levels[0]?.objectives[0]?.burnRates ?? {});
  const rows = levels.flatMap(({ environment, deployment, objectives }) =>
    objectives.map((objective) => [
      oneLine(`${environment}/${deployment}`),
      oneLine(`${objective.name} ${objective.promise}`),
      stateOf(objective, colours),
      objective.now === null ? '-' : percent(objective.now),
      percentLeft(objective, colours),
      windows.map((window) => rate(objective.burnRates[window] ?? null)).join(' / '),
    ]),
  );
  const titles = ['DEPLOYMENT', 'OBJECTIVE', 'STATE', 'NOW', 'LEFT', `BURN ${windows.join(' / ')}`];
  return table(titles, rows, { width, header: colours.dim });
}

/** What burns, with its evidence, and how much of the window is known. */
export function sloView(levels: readonly ShownLevel[], { now, colours }: SloViewOptions): string {
  const facts: (readonly [string, string])[] = levels.flatMap(({ window, objectives, burning }) => [
    ...objectives.map((objective) => [objective.name, requestsOf(objective, window)] as const),
    ...(burning === null
      ? []
      : [['burns since', `${localTime(burning.since)} (${age(burning.since, now)} ago)`] as const]),
    ...(burning?.objectives ?? []).flatMap(({ objective, burnRate, windows, errors, versions }) => [
      [objective, `${burnRate} times too fast over ${windows}`] as const,
      ...(errors === '' ? [] : [['errors', errors] as const]),
      ['versions', versions] as const,
    ]),
  ]);
  const rows = facts.map(([name, value]) => [`  ${colours.dim(oneLine(name))}`, oneLine(value)]);
  return `\n${table([], rows, { width: Number.POSITIVE_INFINITY })}`;
}

/** A deployment that is new has been measured for a part of the window alone. */
function requestsOf({ requests, covered }: ShownObjective, window: string): string {
  const measured = covered * parseDuration(window);
  if (measured < 1_000) return `nothing of the last ${window} was measured yet`;
  const counted = `${requests.toLocaleString('en-GB')} request${requests === 1 ? '' : 's'}`;
  if (covered >= 1) return `${counted} in the last ${window}`;
  return `${counted} in ${duration(measured)}: the rest of the last ${window} was not measured`;
}

function percentLeft({ budgetLeft }: ShownObjective, { red, yellow }: Colours): string {
  const text = wholePercent(budgetLeft);
  return budgetLeft <= 0 ? red(text) : budgetLeft < 0.25 ? yellow(text) : text;
}

function stateOf({ state, budgetLeft }: ShownObjective, { red, yellow, green, dim }: Colours): string {
  if (state === 'fast') return red('burns fast');
  if (state === 'slow') return yellow('burns slowly');
  if (state === 'noTraffic') return dim('no traffic');
  return budgetLeft <= 0 ? red('spent') : green('met');
}

/** As many digits as tell 99.9 from 99.99. */
function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))} %`;
}

function wholePercent(share: number): string {
  return `${Math.floor(share * 100)} %`;
}

function rate(value: number | null): string {
  if (value === null) return '-';
  return value === 0 ? '0' : String(Number(value.toPrecision(2)));
}
