/** A monitor's `overTime`: how often it speaks of traffic that stays as it is, and how soon of traffic that changed. */

import { defaultThreshold } from '../libraries/statistics/drift/choice.ts';
import { type Random, seededRandom } from '../libraries/statistics/index.ts';
import { testCells } from '../libraries/statistics/two-sample/index.ts';
import { type OverTimeState, overTime } from '../plugins/monitors/parts/drift/over-time.ts';
import { atMostPercent, type BenchOptions, type BenchReport, type BenchTarget, round } from './report.ts';

const alpha = 0.05;
const baseline = 10;
const detectors = ['adwin', 'page-hinkley', 'ddm'] as const;
const names = ['anytime', ...detectors] as const;
/** So many windows, end to end, has a stream. */
const windows = 200;
/** A window slides by parts of it. */
const partsOfWindow = 10;
const rowsOfPart = 10;
/** How many parts lie between two checks, and the share of rows that two windows then have in common. */
const paces = [
  { parts: 10, overlap: 0 },
  { parts: 5, overlap: 50 },
  { parts: 1, overlap: 90 },
] as const;
const levels = [0.4, 0.3, 0.2, 0.1] as const;
/** A small change and a large one. */
const changes = [
  [0.36, 0.31, 0.22, 0.11],
  [0.31, 0.32, 0.24, 0.13],
] as const;
/** Windows before the change, and those in which it is looked for. */
const before = 20;
const patience = 60;

export function monitorParts(seed: number, options: BenchOptions): readonly BenchReport[] {
  return [stays(seed + 3000, options), changing(seed + 4000, options)];
}

/**
 * `each` row of a check against the reference, or as a monitor by default: at the bound, each column is called drifted in `baseline` of a
 * hundred windows, as many as the alarm is told, and effects do not count; by default they do, and fewer are.
 */
const monitored = [
  { columns: 1, reference: 200, judged: 'at the bound' },
  { columns: 10, reference: 200, judged: 'at the bound' },
  { columns: 10, reference: 4, judged: 'at the bound' },
  { columns: 1, reference: 4, judged: 'by default' },
  { columns: 10, reference: 4, judged: 'by default' },
] as const;

function stays(seed: number, { quick, progress }: BenchOptions): BenchReport {
  const streams = quick ? 20 : 400;
  const rows: (string | number)[][] = [];
  const numbers: Record<string, number> = {};
  const targets: BenchTarget[] = [];
  for (const [place, { columns, reference, judged }] of monitored.entries()) {
    progress(
      `${streams} monitors that stay: ${columns} columns ${judged}, a reference of ${reference} windows`,
    );
    const random = seededRandom(seed + place);
    const found = paces.map(() => ({ each: counted(), apart: counted() }));
    let share = 0;
    for (let at = 0; at < streams; at++) {
      const heard = paces.map(() => ({ each: new Monitored(false), apart: new Monitored(true) }));
      for (const check of checksOf(random, { columns, reference, judged, windows })) {
        for (const [index, { parts }] of paces.entries()) {
          if (check.part % parts !== 0) continue;
          heard[index]!.each.add(check);
          heard[index]!.apart.add(check);
          if (index === 0) share += check.share / (streams * windows);
        }
      }
      for (const [index, { each, apart }] of heard.entries()) {
        for (const name of each.alarms) found[index]!.each[name]++;
        for (const name of apart.alarms) found[index]!.apart[name]++;
      }
    }
    for (const [index, { overlap }] of paces.entries()) {
      const { each, apart } = found[index]!;
      const percent = (count: number) => round((100 * count) / streams);
      const about = [columns, reference, judged, round(100 * share), overlap];
      rows.push([...about, percent(each.anytime), ...names.map((name) => percent(apart[name]))]);
      const key = `monitor.${judged.replaceAll(' ', '-')}.${columns}.${reference}.${overlap}`;
      numbers[`${key}.each`] = (100 * each.anytime) / streams;
      for (const name of names) numbers[`${key}.${name}`] = (100 * apart[name]) / streams;
      // With a reference as small as this, chance decides once for all how many columns drift: the bound is not kept by the traffic.
      if (judged === 'at the bound' && reference < 100) continue;
      const what = `monitor that stays, ${columns} column${columns === 1 ? '' : 's'} ${judged}, ${overlap} % overlap`;
      targets.push(atMostPercent(what, numbers[`${key}.anytime`]!, 7));
    }
  }
  const title = `A monitor's overTime on traffic that stays: any alarm in ${windows} windows, % of ${streams} streams; alpha ${alpha}, baseline ${baseline} % (seed ${seed})`;
  const heads = [
    ...['columns', 'reference, windows', 'judged', 'drift, %', 'overlap, %', 'anytime of each check'],
    ...names,
  ];
  return { tables: [{ title, columns: heads, rows }], numbers, targets };
}

/** After `before` windows all columns change. Delays are in windows from the change on. */
function changing(seed: number, { quick, progress }: BenchOptions): BenchReport {
  const streams = quick ? 20 : 400;
  const columns = 10;
  const rows: (string | number)[][] = [];
  const numbers: Record<string, number> = {};
  const targets: BenchTarget[] = [];
  for (const [place, shares] of changes.entries()) {
    progress(`${streams} monitors of ${columns} columns that change`);
    const random = seededRandom(seed + place);
    const delays: Record<Name, number[]> = { anytime: [], adwin: [], 'page-hinkley': [], ddm: [] };
    let share = 0;
    let checks = 0;
    for (let at = 0; at < streams; at++) {
      const heard = new Monitored(true);
      // Checks know nothing of when the change comes.
      const begin = before * partsOfWindow + Math.floor(random.next() * partsOfWindow);
      const change = { shares, after: begin };
      const traffic = {
        columns,
        reference: 200,
        judged: 'at the bound',
        windows: before + patience + 1,
      } as const;
      for (const check of checksOf(random, { ...traffic, change })) {
        heard.add(check);
        if (check.part < begin + partsOfWindow) continue;
        share += check.share;
        checks++;
      }
      for (const name of names) {
        const alarm = heard.alarmsAt(name).find((part) => part > begin) ?? Infinity;
        delays[name].push((alarm - begin) / partsOfWindow);
      }
    }
    const drifted = round((100 * share) / checks);
    const quantile = (name: Name, of: number) =>
      [...delays[name]].sort((one, other) => one - other)[Math.ceil(of * streams) - 1]!;
    const shown = (delay: number) => (delay === Infinity ? 'later' : round(delay));
    rows.push([
      `${baseline} → ${drifted}`,
      ...names.flatMap((name) => [shown(quantile(name, 0.5)), shown(quantile(name, 0.95))]),
    ]);
    const found = (100 * delays.anytime.filter((delay) => delay <= patience).length) / streams;
    numbers[`monitor.found.${place}`] = found;
    targets.push({
      name: `monitor that changes, ${baseline} → ${drifted} % of columns: found within ${patience} windows`,
      limit: '>= 95 %',
      measured: `${round(found)} %`,
      pass: found >= 95,
    });
  }
  const title = `A monitor's overTime on traffic that changes after ${before} windows, checked ${partsOfWindow} times a window: windows until it says so, of ${streams} streams`;
  const heads = ['columns that drift, %', ...names.flatMap((name) => [`${name}: p50`, 'p95'])];
  return { tables: [{ title, columns: heads, rows }], numbers, targets };
}

interface Check {
  /** Parts of windows that had been by then. */
  readonly part: number;
  readonly share: number;
  readonly columns: number;
}

interface Traffic {
  readonly columns: number;
  /** Windows that the reference is as large as. */
  readonly reference: number;
  readonly judged: 'at the bound' | 'by default';
  readonly windows: number;
  /** What the values are after so many parts. */
  readonly change?: { readonly shares: readonly number[]; readonly after: number };
}

/** A check after each part of a window. */
function* checksOf(
  random: Random,
  { columns, reference, judged, windows: length, change }: Traffic,
): Generator<Check> {
  const [level, effect] =
    judged === 'at the bound' ? [baseline / 100, 0] : [0.05, defaultThreshold('chi-square')];
  const places = Array.from({ length: columns }, (_, at) => at);
  const references = places.map(() => drawn(random, levels, reference * partsOfWindow * rowsOfPart));
  const window = places.map(() => levels.map(() => 0));
  const kept: number[][][] = [];
  for (let part = 1; part <= length * partsOfWindow; part++) {
    const shares = change !== undefined && part > change.after ? change.shares : levels;
    kept.push(places.map(() => drawn(random, shares, rowsOfPart)));
    const gone = kept.length > partsOfWindow ? kept.shift() : undefined;
    for (const at of places) {
      for (const cell of levels.keys())
        window[at]![cell]! += kept.at(-1)![at]![cell]! - (gone?.[at]?.[cell] ?? 0);
    }
    if (part < partsOfWindow) continue;
    const drifted = places.filter((at) => {
      const cells = { reference: references[at]!, current: window[at]! };
      const found = testCells('chi-square', cells);
      return found.pValue < level && found.effect >= effect;
    }).length;
    yield { part, share: drifted / columns, columns };
  }
}

function drawn(random: Random, shares: readonly number[], rows: number): number[] {
  const counts = shares.map(() => 0);
  for (let row = 0; row < rows; row++) {
    let left = random.next();
    let cell = 0;
    while (cell < shares.length - 1 && left >= shares[cell]!) left -= shares[cell++]!;
    counts[cell]!++;
  }
  return counts;
}

type Name = (typeof names)[number];

const counted = (): Record<Name, number> => ({ anytime: 0, adwin: 0, 'page-hinkley': 0, ddm: 0 });

/** What `overTime` of a monitor says, check by check; `isApart`: of windows that share no rows, as a monitor does it. */
class Monitored {
  readonly #isApart: boolean;
  readonly #alarms = new Map<Name, number[]>();
  #state: OverTimeState = {};

  constructor(isApart: boolean) {
    this.#isApart = isApart;
  }

  add({ part, share, columns }: Check): void {
    const first = part - partsOfWindow;
    const isFed = !this.#isApart || first >= (this.#state.seenTo ?? 0);
    const checked = { share, columns, to: part, first: this.#isApart ? first : part };
    const { signals, state } = overTime({ baseline, alpha, detectors: [...detectors] }, checked, this.#state);
    this.#state = state;
    if (!isFed) return;
    for (const name of names) {
      if (signals[name] === 'alarm') this.#alarms.set(name, [...this.alarmsAt(name), part]);
    }
  }

  get alarms(): readonly Name[] {
    return [...this.#alarms.keys()];
  }

  alarmsAt(name: Name): readonly number[] {
    return this.#alarms.get(name) ?? [];
  }
}
