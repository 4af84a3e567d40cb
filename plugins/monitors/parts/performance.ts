/** Whether predictions are as right as they should be: by labels, and by an estimate where none have come. */
import { parseDuration } from '../../../libraries/duration/index.ts';
import { type Metric, metricsOf } from '../../../libraries/statistics/performance/index.ts';
import type { MonitorSpec } from '../../../schemas/generated/monitor.ts';
import type { PerformanceAnswer } from '../compute/measure-performance.ts';
import type { Judged, Part, Scene } from '../scene.ts';
import { nothing } from '../verdict.ts';
import {
  type LoggedRows,
  type Reading,
  type RowsAsked,
  readingOf,
  readRows,
  rowsSql,
} from './performance/logged-rows.ts';

type PerformanceSpec = NonNullable<MonitorSpec['performance']>;
type Limit = PerformanceSpec['metrics'][number];

/** A figure and how sure it is; measured or estimated. */
interface Figure {
  readonly metric: string;
  readonly value: number | null;
  readonly low: number | null;
  readonly high: number | null;
}

/** What was measured of the reference: kept, as its predictions may not be. */
interface Memory {
  readonly reference: string;
  readonly figures: readonly Figure[];
}

/** Worse than a limit; `sure` where its interval is, too. Without an interval nothing is sure. */
interface Excess {
  readonly metric: string;
  readonly sure: boolean;
  readonly words: string;
}

/** Labelled rows that are looked at, and rows of the window that are estimated: the newest ones. */
const mostRows = 20_000;
const mostReferenceRows = 10_000;
const fewestReferenceRows = 200;
const defaultMinLabels = 100;
const longestReferenceMs = 90 * 86_400_000;

export const performance: Part = {
  name: 'performance',
  isDeclared: ({ performance: spec }) => spec !== undefined,
  async judge(scene) {
    const spec = scene.spec.performance!;
    const reading = readingOf(spec, scene.target);
    const { window } = scene;
    const delay = spec.labelsAfter === undefined ? 0 : parseDuration(spec.labelsAfter);
    const past = { from: window.from - delay, to: window.to - delay, view: 'labelled' } as const;
    const labelled = await rowsOf(scene, reading, past, Math.min(mostRows, window.newest ?? mostRows));
    const enough = labelled.labels.length >= (spec.minLabels ?? defaultMinLabels);
    const memory = await referenceFigures(scene, spec, reading);
    const estimate = await estimateGiven(scene, spec, reading);
    const counted = { labels: labelled.labels.length, unfit: labelled.unfit };
    if (!enough && estimate === null) {
      return { ...tooFew(counted, spec), ...(memory && { memory }) };
    }
    const answer = await scene.compute(
      'measurePerformance',
      {
        task: reading.task,
        metrics: spec.metrics.map(({ name }) => name),
        labelled: enough ? labelled : null,
        estimate,
      },
      scene.signal,
    );
    return {
      ...verdictOf(spec, reading, answer, memory?.figures ?? [], counted),
      ...(memory && { memory }),
    };
  },
};

function tooFew({ labels, unfit }: Counted, { minLabels = defaultMinLabels }: PerformanceSpec): Judged {
  if (labels + unfit === 0) return nothing('noData', 'NoLabels', 'no prediction of the window has a label');
  const strange = unfit === 0 ? '' : `; ${unfit} more do not fit the outputs`;
  const message = `${labels} labels, and nothing is measured below ${minLabels}${strange}`;
  const reason = labels === 0 ? 'LabelsUnfit' : 'TooFewLabels';
  return { ...nothing('inconclusive', reason, message), facts: { labels, unfit } };
}

async function rowsOf(
  { sink, target, signal }: Scene,
  reading: Reading,
  asked: RowsAsked,
  limit: number,
): Promise<LoggedRows> {
  const answer = await sink.query({ sql: rowsSql(target, reading, asked), limit }, signal);
  return readRows(answer, reading);
}

/** What the figures were in the reference: remembered, as long as the reference is the same. */
async function referenceFigures(
  scene: Scene,
  spec: PerformanceSpec,
  reading: Reading,
): Promise<Memory | undefined> {
  const { traffic } = scene.spec.reference;
  if (traffic === undefined || spec.metrics.every(({ maxDrop }) => maxDrop === undefined)) return undefined;
  const key = JSON.stringify([traffic, spec.metrics.map(({ name }) => name), reading]);
  const kept = scene.memory as Memory | undefined;
  if (kept?.reference === key) return kept;
  const asked = { from: Date.parse(traffic.from), to: Date.parse(traffic.to), view: 'labelled' } as const;
  const labelled = await rowsOf(scene, reading, asked, mostRows);
  if (labelled.labels.length < (spec.minLabels ?? defaultMinLabels)) return undefined;
  const metrics = spec.metrics.map(({ name }) => name);
  const given = { task: reading.task, metrics, labelled: { ...labelled, slices: [] }, estimate: null };
  const { measured } = await scene.compute('measurePerformance', given, scene.signal);
  const figures = (measured?.metrics ?? []).map(({ metric, value, low, high }) => ({
    metric,
    value,
    low,
    high,
  }));
  return { reference: key, figures };
}

/** The newest labelled predictions before the window, and the window's own; null where nothing can be estimated. */
async function estimateGiven(
  scene: Scene,
  { estimate = true }: PerformanceSpec,
  reading: Reading,
): Promise<{ reference: LoggedRows; window: LoggedRows } | null> {
  if (!estimate || reading.task !== 'binary' || reading.score === undefined) return null;
  const { from, to, newest, minRows } = scene.window;
  const plain = { ...reading, slices: [] };
  const before = { from: from - longestReferenceMs, to: from, view: 'labelled' } as const;
  const reference = await rowsOf(scene, plain, before, mostReferenceRows);
  const ones = reference.labels.filter((label) => label === 1).length;
  if (reference.labels.length < fewestReferenceRows || ones === 0 || ones === reference.labels.length)
    return null;
  const limit = Math.min(mostRows, newest ?? mostRows);
  const window = await rowsOf(scene, plain, { from, to, view: 'predictions' }, limit);
  return window.predicted.length < minRows ? null : { reference, window };
}

interface Counted {
  readonly labels: number;
  readonly unfit: number;
}

function verdictOf(
  { metrics: limits }: PerformanceSpec,
  { task }: Reading,
  { measured, slices, estimated }: PerformanceAnswer,
  reference: readonly Figure[],
  counted: Counted,
): Judged {
  const judge = (figures: readonly Figure[]) => excesses(limits, task, figures, reference);
  const found = judge(measured?.metrics ?? []);
  const guessed = judge(estimated?.metrics ?? []);
  const bySlice = slices.flatMap(({ column, slice, measured: own }) =>
    judge(own.metrics)
      .filter(({ sure }) => sure)
      .map((excess) => ({ ...excess, words: `${excess.words} where ${column} is ${slice}` })),
  );
  const facts = {
    ...counted,
    isEstimated: measured === null,
    figures: Object.fromEntries(
      limits.flatMap(({ name }) => {
        const figure = [...(measured ?? estimated)!.metrics].find(({ metric }) => metric === name);
        return figure === undefined || figure.value === null ? [] : [[name, rounded(figure.value)]];
      }),
    ),
  };
  const details = { measured, estimated, slices, reference, limits };
  const sure = found.filter((one) => one.sure);
  const say = (some: readonly Excess[]) => some.map(({ words }) => words).join('; ');
  if (sure.length > 0)
    return { status: 'breached', reason: 'PerformanceBelowLimit', message: say(sure), facts, details };
  if (bySlice.length > 0) {
    const message = say(bySlice.slice(0, 5));
    return { status: 'warning', reason: 'SliceBelowLimit', message, facts, details };
  }
  if (guessed.some((one) => one.sure)) {
    const message = `estimated without labels: ${say(guessed.filter((one) => one.sure))}`;
    return { status: 'warning', reason: 'EstimatedBelowLimit', message, facts, details };
  }
  if (found.length > 0) {
    const message = `${say(found)}, and the rows are too few to be sure`;
    return { status: 'warning', reason: 'PerformanceInDoubt', message, facts, details };
  }
  const shown = limits.map(({ name }) => figureIn(task, name, (measured ?? estimated)!.metrics)).join(', ');
  if (measured === null) {
    const message = `estimated without labels: ${shown}`;
    return { status: 'ok', reason: 'EstimatedWithinLimits', message, facts, details };
  }
  return { status: 'ok', reason: 'PerformanceWithinLimits', message: shown, facts, details };
}

/** By which limits figures are worse. */
function excesses(
  limits: readonly Limit[],
  task: Reading['task'],
  figures: readonly Figure[],
  reference: readonly Figure[],
): readonly Excess[] {
  const metrics: Readonly<Record<string, Metric>> = metricsOf[task];
  const found: Excess[] = [];
  for (const { name, min, max, maxDrop } of limits) {
    const figure = figures.find(({ metric }) => metric === name);
    if (figure === undefined || figure.value === null) continue;
    const { value } = figure;
    const shown = `${metrics[name]?.title ?? name} ${rounded(value)}`;
    const add = (sure: boolean, limit: string): void => {
      found.push({ metric: name, sure, words: `${shown} ${limit}` });
    };
    if (min !== undefined && value < min) add(figure.high !== null && figure.high < min, `is below ${min}`);
    if (max !== undefined && value > max) add(figure.low !== null && figure.low > max, `is above ${max}`);
    const before = reference.find(({ metric }) => metric === name);
    if (maxDrop === undefined || before === undefined || before.value === null) continue;
    const drop = dropOf(metrics[name]?.better ?? 'higher', before.value, value);
    if (drop <= maxDrop) continue;
    const [reach, reachBefore] = [halfOf(figure), halfOf(before)];
    const isSure =
      reach !== undefined && reachBefore !== undefined && drop - Math.hypot(reach, reachBefore) > maxDrop;
    add(isSure, `is worse by ${rounded(drop)} than ${rounded(before.value)} in the reference`);
  }
  return found;
}

function dropOf(better: Metric['better'], before: number, now: number): number {
  if (better === 'higher') return before - now;
  if (better === 'lower') return now - before;
  return Math.abs(now - better.nearest) - Math.abs(before - better.nearest);
}

/** Half of an interval; both halves of two figures make one as those of independent samples do. */
function halfOf({ low, high }: Figure): number | undefined {
  return low === null || high === null ? undefined : (high - low) / 2;
}

function figureIn(task: Reading['task'], name: string, figures: readonly Figure[]): string {
  const metrics: Readonly<Record<string, Metric>> = metricsOf[task];
  const figure = figures.find(({ metric }) => metric === name);
  const title = metrics[name]?.title ?? name;
  if (figure === undefined || figure.value === null) return `${title} is not defined`;
  const { value, low, high } = figure;
  return `${title} ${rounded(value)}${low === null || high === null ? '' : ` (${rounded(low)} to ${rounded(high)})`}`;
}

function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
