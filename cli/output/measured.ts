/** What analyses measure, for people: each metric with its interval and what it should be. */
import { type Colours, oneLine } from '../terminal.ts';
import { type TableOptions, table } from './table.ts';

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
}

export function measuredView(
  measured: readonly ShownMeasure[],
  bounds: readonly string[],
  options: TableOptions & { readonly colours: Colours },
): string {
  if (measured.length === 0) return '';
  const { dim, green, red, yellow } = options.colours;
  const rows = measured.map((one) => {
    const { outcome = 'not yet', looks, failed, dryRun, note, samples } = one;
    const paint = outcome === 'Successful' ? green : outcome === 'Failed' ? red : yellow;
    const counted = failed === 0 ? `${looks}` : `${looks}, failed ${failed}`;
    const shown = dryRun === true ? `${outcome} (dry run)` : outcome;
    return [
      `  ${oneLine(one.metric)}`,
      pointOf(one.result),
      intervalOf(one.result),
      samples === undefined ? '' : samples.toLocaleString('en-US'),
      counted,
      paint(shown),
      oneLine(one.condition ?? ''),
      ...(note === undefined ? [] : [dim(oneLine(note))]),
    ];
  });
  const titles = ['  METRIC', 'MEASURED', 'INTERVAL', 'SAMPLES', 'LOOKS', 'LAST', 'SHOULD BE', ''];
  const text = table(titles, rows, { ...options, header: dim });
  return `\n${text}${bounds.map((bound) => `\n  ${dim(oneLine(bound))}\n`).join('')}`;
}

/** Of several numbers the one that the interval is of. */
function pointOf(result: unknown): string {
  if (typeof result === 'number') return figure(result);
  if (typeof result !== 'object' || result === null)
    return result === undefined ? '' : oneLine(String(result));
  const fields = result as Readonly<Record<string, unknown>>;
  for (const name of ['shift', 'difference', 'candidate']) {
    const value = fields[name];
    if (typeof value === 'number') return `${name} ${figure(value)}`;
  }
  return oneLine(JSON.stringify(result)).slice(0, 60);
}

function intervalOf(result: unknown): string {
  if (typeof result !== 'object' || result === null) return '';
  const { lower, upper } = result as { readonly lower?: unknown; readonly upper?: unknown };
  const [low, high] = [lower, upper].map((end) => (typeof end === 'number' ? figure(end) : undefined));
  if (low === undefined) return high === undefined ? '' : `at most ${high}`;
  return high === undefined ? `at least ${low}` : `${low} to ${high}`;
}

function figure(value: number): string {
  return String(Number(value.toPrecision(3)));
}
