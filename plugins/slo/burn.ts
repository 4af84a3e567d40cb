/**
 * How fast an error budget burns, and whether somebody must be told: several windows at several rates, as chapter 5 of the Site
 * Reliability Workbook has it. Pure.
 */
import type { Objective } from '../../core/capabilities/service-levels.ts';
import type { Sums } from './buckets.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

export interface BurnRule {
  readonly name: string;
  readonly speed: 'fast' | 'slow';
  /** The longer window says that it matters, the shorter one that it still goes on. */
  readonly longMs: number;
  readonly shortMs: number;
  /** Times faster than the budget allows. */
  readonly rate: number;
}

/** The first holds within minutes where everything fails; the last where the budget does not last for its window. */
export const burnRules: readonly BurnRule[] = [
  { name: '1h', speed: 'fast', longMs: hourMs, shortMs: 5 * minuteMs, rate: 14.4 },
  { name: '6h', speed: 'fast', longMs: 6 * hourMs, shortMs: 30 * minuteMs, rate: 6 },
  { name: '3d', speed: 'slow', longMs: 72 * hourMs, shortMs: 6 * hourMs, rate: 1 },
];

/** All windows that rules look at, ascending. */
export const burnWindows: readonly number[] = [
  ...new Set(burnRules.flatMap(({ longMs, shortMs }) => [shortMs, longMs])),
].sort((one, other) => one - other);

/** Fewer bad requests than this are no rate: a single one in a quiet hour must wake nobody. */
const fewestBad = 3;

/** What a window holds of what an objective is about. */
export interface Spent {
  readonly total: number;
  readonly bad: number;
  /** The share of the window that was seen; time that was not counts as time without errors. */
  readonly covered: number;
}

/** What of a sum is about the objective. */
export function spentOf({ seconds }: Objective, counts: Sums): Omit<Spent, 'covered'> {
  if (seconds === undefined) return { total: counts.valid, bad: counts.bad };
  return { total: counts.answers, bad: counts.slow[seconds] ?? 0 };
}

export function coveredOf(since: number, windowMs: number, now: number): number {
  return Math.min(1, Math.max(0, now - since) / windowMs);
}

/** 1 spends the budget exactly within its window; undefined where there were no requests. */
export function burnRateOf({ budget }: Objective, { total, bad, covered }: Spent): number | undefined {
  return total === 0 ? undefined : (bad / total / budget) * covered;
}

/** The share of the budget that is left, if requests go on to come as they do; below 0 where more is spent. */
export function budgetLeftOf(objective: Objective, spent: Spent): number {
  return 1 - (burnRateOf(objective, spent) ?? 0);
}

/** How fast it must burn for a rule: a budget so large that it cannot burn so fast burns when nine of ten requests are bad. */
export function rateOf({ rate }: BurnRule, { budget }: Objective): number {
  return Math.min(rate, 0.9 / budget);
}

export interface Judged {
  readonly long: Spent;
  readonly short: Spent;
  readonly minRequests: number;
  /** Whether it held at the last look. */
  readonly before: boolean;
}

/** Whether a rule holds. A shorter window without requests says nothing: what was so stays so. */
export function holds(
  rule: BurnRule,
  objective: Objective,
  { long, short, minRequests, before }: Judged,
): boolean {
  if (long.total < minRequests || long.bad < fewestBad) return false;
  const rate = rateOf(rule, objective);
  if ((burnRateOf(objective, long) ?? 0) < rate) return false;
  const now = burnRateOf(objective, short);
  return now === undefined ? before : now >= rate;
}
