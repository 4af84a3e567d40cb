/** What analyses measure, for people: each metric on a line, with its interval and what it should be. */
import { type Colours, oneLine } from '../terminal.ts';
import { shortened } from './table.ts';

/** As the facts of a deployment have it. */
export interface ShownMeasure {
  readonly metric: string;
  readonly outcome?: string;
  readonly result?: unknown;
  readonly note?: string;
  readonly samples?: number;
  readonly condition?: string;
  readonly looks: number;
  readonly failed: number;
  readonly dryRun?: boolean;
  /** Absent where it is measured beside the steps. */
  readonly step?: number;
  readonly taken?: number;
  readonly count?: number;
  readonly until?: string;
}

export interface MeasuredOptions {
  readonly width: number;
  readonly colours: Colours;
}

/** Columns that the other cells need as a rule. What should be is cut where it is longer than what is left. */
const others = 56;
const shortestCondition = 18;

/** Cells of a table: the metric, what was measured, what it should be, how often. The last may be cut without harm. */
export function measuredRows(
  measured: readonly ShownMeasure[],
  { width, colours }: MeasuredOptions,
): string[][] {
  const isPlain = new Set(measured.map(({ metric }) => templateOf(metric))).size <= 1;
  return measured.map((one) => {
    const { metric, dryRun, result, condition } = one;
    const name = oneLine(isPlain ? metric.slice(metric.indexOf('/') + 1) : metric);
    return [
      `    ${mark(one, colours)} ${name}${dryRun === true ? ' (dry run)' : ''}`,
      result === undefined ? '–' : figures(result, condition),
      shortened(conditionOf(one), Math.max(shortestCondition, width - others)),
      colours.dim(progressOf(one)),
    ];
  });
}

export function templateOf(metric: string): string {
  return metric.slice(0, Math.max(0, metric.indexOf('/')));
}

/** Of the last look. */
function mark({ outcome }: ShownMeasure, { green, red, yellow, dim }: Colours): string {
  switch (outcome) {
    case undefined:
      return dim('·');
    case 'Successful':
      return green('✓');
    case 'Failed':
      return red('✗');
    case 'Error':
      return red('!');
    default:
      return yellow('?');
  }
}

/** `2 of 4, 1 failed, n 310`, `7 looks`; and why there is no number, or not all of it. */
function progressOf({ looks, taken, count, failed, samples, note }: ShownMeasure): string {
  const often =
    taken === undefined || count === undefined
      ? `${looks} ${looks === 1 ? 'look' : 'looks'}`
      : `${taken} of ${count}`;
  return [
    often,
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(samples === undefined ? [] : [`n ${samples.toLocaleString('en-US')}`]),
    ...(note === undefined ? [] : [oneLine(note)]),
  ].join(', ');
}

/** The fields of `result` are all that a reader wants of it. */
function conditionOf({ condition }: ShownMeasure): string {
  return condition === undefined ? 'no condition' : oneLine(condition).replaceAll('result.', '');
}

/**
 * The number that the condition speaks of, with its interval where there is one: that is of the shift, of the difference,
 * or of the candidate's own value, whichever of these there is.
 */
function figures(result: unknown, condition = ''): string {
  if (typeof result === 'number') return figure(result);
  if (typeof result !== 'object' || result === null) return oneLine(String(result)).slice(0, longest);
  const fields = result as Readonly<Record<string, unknown>>;
  const numberIn = (field: string) => {
    const value = fields[field];
    return typeof value === 'number' ? value : undefined;
  };
  const bounded = ['shift', 'difference', 'candidate'].find((field) => numberIn(field) !== undefined);
  const asked = [...condition.matchAll(/result\.(\w+)/g)].map(([, field = '']) => field);
  const asksBounds = asked.some((field) => field === 'lower' || field === 'upper');
  const shown = asksBounds ? bounded : (asked.find((field) => numberIn(field) !== undefined) ?? bounded);
  const value = shown === undefined ? undefined : numberIn(shown);
  if (value === undefined) return oneLine(JSON.stringify(result)).slice(0, longest);
  const [lower, upper] = [numberIn('lower'), numberIn('upper')];
  if (shown !== bounded || (lower === undefined && upper === undefined)) return figure(value);
  return `${figure(value)} [${lower === undefined ? '−∞' : figure(lower)}, ${upper === undefined ? '∞' : figure(upper)}]`;
}

const longest = 24;

/** Three digits that count. */
function figure(value: number): string {
  const text = String(Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3)));
  return text.replace('-', '−');
}
