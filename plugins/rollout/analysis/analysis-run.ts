/**
 * One analysis over time: which metrics are to be measured when, what was measured, and what that comes to. Pure, and its
 * state is JSON: it is kept in a cell, goes on after a kill at any point, and reaches the same verdict again from what it
 * holds.
 */
import { type Judgement, judgeReading, type MeasurementOutcome } from './judge-reading.ts';
import type { Reading } from './reading.ts';

/** Never one for another: Failed rolls back, Error holds and alerts, Inconclusive waits for a human. */
export type AnalysisOutcome = 'Successful' | 'Failed' | 'Inconclusive' | 'Error' | 'Aborted';

/** When one metric is measured and how much it may go wrong. Times are in milliseconds. */
export interface MetricLimits {
  readonly name: string;
  /** Between two measurements. Without it there is one. */
  readonly interval?: number;
  /** Before the first measurement. */
  readonly initialDelay?: number;
  /** Measurements to take, errors aside. Without it: one where there is no interval, else until the run is concluded. */
  readonly count?: number;
  /** More failures than this fail the metric. Default 0, or no limit where `consecutiveFailureLimit` is given. */
  readonly failureLimit?: number;
  /** More failures than this without a success between them fail the metric. */
  readonly consecutiveFailureLimit?: number;
  /** More inconclusive measurements than this make the metric inconclusive. Default 0. */
  readonly inconclusiveLimit?: number;
  /** With more errors than this in a row the metric is an error, until its source answers again. Default 4. */
  readonly consecutiveErrorLimit?: number;
  /** Fewer samples than this are no data. */
  readonly minSamples?: number;
  /** What no data means. Default `inconclusive`. */
  readonly noData?: 'inconclusive' | 'fail' | 'pass';
  /** Older than this is an error. */
  readonly maxAge?: number;
  /** Its first success ends it: whatever comes after could not make it surer. */
  readonly endsAtSuccess?: boolean;
  /** Measured and shown, without a say in the verdict. */
  readonly dryRun?: boolean;
}

export interface AnalysisRun {
  readonly startedAt: number;
  /** The latest time that this run was shown: a clock that falls behind it was set back. */
  readonly seenAt: number;
  readonly metrics: readonly MetricRun[];
  /** Set once: by `abort` or `conclude`. */
  readonly ended?: { readonly type: 'aborted' | 'concluded'; readonly reason: string; readonly at: number };
}

export interface MetricRun {
  readonly limits: MetricLimits;
  readonly nextAt: number;
  readonly tally: Tally;
  /** Of what is no longer among `measurements`: those are counted on from here. */
  readonly before: Tally;
  /** The latest, in order. */
  readonly measurements: readonly Measured[];
  /** What its last look came to, which is asked for at the end: after an error it is asked again. */
  readonly lastLook?: 'error' | 'taken';
  readonly over?: Judged;
}

export interface Measured extends Judgement {
  readonly at: number;
  readonly reading: Reading;
}

export interface Judged {
  readonly outcome: Exclude<AnalysisOutcome, 'Aborted'>;
  readonly message: string;
}

export interface Tally {
  readonly successful: number;
  readonly failed: number;
  readonly inconclusive: number;
  readonly error: number;
  readonly failedInARow: number;
  readonly errorInARow: number;
}

export interface Verdict {
  /**
   * The worst so far. Inconclusive and Error hold at once, and may still become Failed while `isOver` is false. Error
   * passes when the source answers again.
   */
  readonly outcome: AnalysisOutcome | 'Running';
  /** Nothing will be measured any more that could change it. */
  readonly isOver: boolean;
  /** `error-rate failed 4 > limit 3`. */
  readonly message: string;
  /** The metric that decided, where one did. */
  readonly metric?: string;
}

export interface DueMetric {
  readonly metric: string;
  /** When it is to be measured; due once that is not after now. */
  readonly at: number;
}

/** Measurements of one metric that are kept. */
export const measurementsKept = 50;
const none: Tally = {
  successful: 0,
  failed: 0,
  inconclusive: 0,
  error: 0,
  failedInARow: 0,
  errorInARow: 0,
};
const errorRetryMs = 20_000;
const defaultErrorLimit = 4;

/** Begins a run at `now`, in milliseconds since 1970. */
export function start(metrics: readonly MetricLimits[], now: number): AnalysisRun {
  return {
    startedAt: now,
    seenAt: now,
    metrics: metrics.map((limits) => ({
      limits,
      nextAt: now + (limits.initialDelay ?? 0),
      tally: none,
      before: none,
      measurements: [],
    })),
  };
}

/**
 * The run as it stands at `now`. Where the clock was set back, all that is planned moves back with it, so that nobody waits
 * longer than meant; a clock that leaps ahead makes each metric due once, never several times to catch up. The same
 * object where nothing had to move.
 */
export function look(run: AnalysisRun, now: number): AnalysisRun {
  if (now >= run.seenAt) return run;
  const back = run.seenAt - now;
  return {
    ...run,
    startedAt: run.startedAt - back,
    seenAt: now,
    metrics: run.metrics.map((metric) => ({ ...metric, nextAt: metric.nextAt - back })),
  };
}

/** What is still to be measured, the earliest first; empty once the run is over. Give it what `look` gave. */
export function due(run: AnalysisRun, now: number): readonly DueMetric[] {
  if (verdict(run).isOver) return [];
  return look(run, now)
    .metrics.filter(({ over }) => over === undefined)
    .map(({ limits, nextAt }) => ({ metric: limits.name, at: nextAt }))
    .sort((a, b) => a.at - b.at);
}

/**
 * Adds what a look at a metric came to, also whether that was asked for at the end. Without effect on a metric or a run that
 * is over.
 */
export function record(
  run: AnalysisRun,
  name: string,
  reading: Reading,
  now: number,
  isLast = false,
): AnalysisRun {
  const seen = look(run, now);
  const metric = seen.metrics.find(({ limits }) => limits.name === name);
  if (metric === undefined) throw new Error(`this analysis has no metric "${name}"`);
  if (metric.over !== undefined || verdict(run).isOver) return run;
  const next = measured(metric, reading, now, isLast);
  return {
    ...seen,
    seenAt: Math.max(seen.seenAt, now),
    metrics: seen.metrics.map((one) => (one === metric ? next : one)),
  };
}

/** Ends a run that nobody wants to hear of any more. What it had decided stays. */
export function abort(run: AnalysisRun, reason: string, now: number): AnalysisRun {
  if (verdict(run).isOver) return run;
  return { ...run, ended: { type: 'aborted', reason, at: now } };
}

/**
 * Ends a run that goes on as long as something else does: what no limit stopped is Successful if at least one of its
 * measurements was, else Inconclusive.
 */
export function conclude(run: AnalysisRun, reason: string, now: number): AnalysisRun {
  if (verdict(run).isOver) return run;
  return {
    ...run,
    ended: { type: 'concluded', reason, at: now },
    metrics: run.metrics.map((metric) =>
      metric.over === undefined ? { ...metric, over: judgedSoFar(metric) ?? complete(metric.tally) } : metric,
    ),
  };
}

/** What the run comes to so far. */
export function verdict(run: AnalysisRun): Verdict {
  const judging = judgingMetrics(run);
  for (const outcome of ['Failed', 'Error', 'Inconclusive'] as const) {
    const worst = judging.find((metric) => judgedSoFar(metric)?.outcome === outcome);
    if (worst === undefined) continue;
    const isOver =
      outcome === 'Failed' || run.ended !== undefined || judging.every(({ over }) => over !== undefined);
    const { name } = worst.limits;
    return { outcome, isOver, message: `${name} ${judgedSoFar(worst)?.message}`, metric: name };
  }
  if (run.ended?.type === 'aborted') return { outcome: 'Aborted', isOver: true, message: run.ended.reason };
  const open = run.metrics.filter(({ over }) => over === undefined);
  const waited = judging.length > 0 ? judging.filter((metric) => open.includes(metric)) : open;
  if (waited.length === 0) {
    const names = judging.map(({ limits }) => limits.name).join(', ');
    const message = names === '' ? 'nothing but dry runs was measured' : `${names} held`;
    return { outcome: 'Successful', isOver: true, message };
  }
  const names = waited.map(({ limits }) => limits.name).join(', ');
  return { outcome: 'Running', isOver: false, message: `measuring ${names}` };
}

/** Whether a metric is measured until the run is concluded from outside. */
export function isEndless({ interval, count }: Pick<MetricLimits, 'interval' | 'count'>): boolean {
  return interval !== undefined && count === undefined;
}

function judgingMetrics(run: AnalysisRun): readonly MetricRun[] {
  return run.metrics.filter(({ limits }) => limits.dryRun !== true);
}

function measured(metric: MetricRun, reading: Reading, now: number, isLast: boolean): MetricRun {
  const { limits } = metric;
  const judgement = judgeReading(reading, limits, now);
  const tally = counted(metric.tally, judgement.outcome);
  const all = [...metric.measurements, { at: now, reading, ...judgement }];
  const forgotten = all.slice(0, Math.max(0, all.length - measurementsKept));
  const before = forgotten.reduce((sum, { outcome }) => counted(sum, outcome), metric.before);
  const isTold = limits.endsAtSuccess === true && judgement.outcome === 'Successful';
  const isOver = isTold || isComplete(tally, limits);
  const over = beyondLimits(tally, limits) ?? (isOver ? complete(tally) : undefined);
  return {
    limits,
    nextAt: now + waitAfter(judgement.outcome, limits),
    tally,
    before,
    measurements: all.slice(forgotten.length),
    ...(isLast ? { lastLook: judgement.outcome === 'Error' ? 'error' : 'taken' } : {}),
    ...(over === undefined ? {} : { over }),
  };
}

/** A source that does not answer is asked again soon, so that its limit is reached in minutes. */
function waitAfter(outcome: MeasurementOutcome, { interval = errorRetryMs }: MetricLimits): number {
  return outcome === 'Error' ? Math.min(interval, errorRetryMs) : interval;
}

function counted(tally: Tally, outcome: MeasurementOutcome): Tally {
  const errorInARow = outcome === 'Error' ? tally.errorInARow + 1 : 0;
  switch (outcome) {
    case 'Successful':
      return { ...tally, errorInARow, successful: tally.successful + 1, failedInARow: 0 };
    case 'Failed':
      return { ...tally, errorInARow, failed: tally.failed + 1, failedInARow: tally.failedInARow + 1 };
    case 'Inconclusive':
      return { ...tally, errorInARow, inconclusive: tally.inconclusive + 1 };
    case 'Error':
      return { ...tally, errorInARow, error: tally.error + 1 };
  }
}

function beyondLimits(tally: Tally, limits: MetricLimits): Judged | undefined {
  const { consecutiveFailureLimit = Number.POSITIVE_INFINITY } = limits;
  const { failureLimit = limits.consecutiveFailureLimit === undefined ? 0 : Number.POSITIVE_INFINITY } =
    limits;
  const { inconclusiveLimit = 0 } = limits;
  if (tally.failed > failureLimit) {
    return { outcome: 'Failed', message: `failed ${tally.failed} > limit ${failureLimit}` };
  }
  if (tally.failedInARow > consecutiveFailureLimit) {
    const message = `failed ${tally.failedInARow} in a row > limit ${consecutiveFailureLimit}`;
    return { outcome: 'Failed', message };
  }
  if (tally.inconclusive > inconclusiveLimit) {
    const message = `inconclusive ${tally.inconclusive} > limit ${inconclusiveLimit}`;
    return { outcome: 'Inconclusive', message };
  }
  return undefined;
}

/** What a metric came to, or where it stands: an error passes when its source answers again, so it is no end. */
function judgedSoFar({ over, tally, limits }: MetricRun): Judged | undefined {
  const { consecutiveErrorLimit = defaultErrorLimit } = limits;
  if (over !== undefined || tally.errorInARow <= consecutiveErrorLimit) return over;
  const message = `errored ${tally.errorInARow} in a row > limit ${consecutiveErrorLimit}`;
  return { outcome: 'Error', message };
}

function isComplete(tally: Tally, limits: MetricLimits): boolean {
  const taken = tally.successful + tally.failed + tally.inconclusive;
  return taken >= (limits.count ?? (limits.interval === undefined ? 1 : Number.POSITIVE_INFINITY));
}

/** Within all limits. Yet where nothing went well, nothing was shown. */
function complete(tally: Tally): Judged {
  if (tally.successful > 0) return { outcome: 'Successful', message: 'held' };
  const { failed, inconclusive, error } = tally;
  const message = `never succeeded: failed ${failed}, inconclusive ${inconclusive}, errored ${error}`;
  return { outcome: 'Inconclusive', message };
}
