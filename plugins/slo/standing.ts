/** How a deployment stands to what it promises, now. Pure. */
import type { Objective } from '../../core/capabilities/service-levels.ts';
import type { Sums } from './buckets.ts';
import {
  type BurnRule,
  budgetLeftOf,
  burnRateOf,
  burnRules,
  burnWindows,
  coveredOf,
  holds,
  type Spent,
  spentOf,
} from './burn.ts';
import type { Ledger } from './ledger.ts';

export interface ObjectiveStanding {
  readonly objective: Objective;
  /** Of its budget's window; undefined where nobody asked. */
  readonly now: number | undefined;
  readonly requests: number;
  /** 1 is all of it; below 0 where more is spent. */
  readonly budgetLeft: number;
  /** The share of the budget's window that was seen. */
  readonly covered: number;
  /** By window, in milliseconds, ascending; undefined where nobody asked. */
  readonly burnRates: readonly (readonly [number, number | undefined])[];
  /** Rules that hold, and since when. */
  readonly burning: readonly { readonly rule: BurnRule; readonly since: number; readonly rate: number }[];
}

export interface Promised {
  readonly objectives: readonly Objective[];
  readonly windowMs: number;
  readonly minRequests: number;
}

/** Since when a rule holds, by `ruleKey`. */
export type Burning = ReadonlyMap<string, number>;

export const ruleKey = (objective: string, rule: string) => `${objective}/${rule}`;

/** Under what an objective's coverage is known to the ledger. */
export const coverageOf = ({ seconds }: Objective) => (seconds === undefined ? '' : String(seconds));

export function standingOf(
  { objectives, windowMs, minRequests }: Promised,
  ledger: Ledger,
  before: Burning,
  now: number,
): readonly ObjectiveStanding[] {
  const lengths = [...new Set([...burnWindows, windowMs])].sort((one, other) => one - other);
  const sums = new Map<number, Sums>();
  for (const [index, sum] of ledger.sums(lengths, now).entries()) sums.set(lengths[index] ?? 0, sum);
  return objectives.map((objective) => {
    const since = ledger.since(coverageOf(objective)) ?? now;
    const spent = (length: number): Spent => {
      const sum = sums.get(length);
      const { total, bad } = sum === undefined ? { total: 0, bad: 0 } : spentOf(objective, sum);
      return { total, bad, covered: coveredOf(since, length, now) };
    };
    const whole = spent(windowMs);
    const burning = burnRules.flatMap((rule) => {
      const key = ruleKey(objective.name, rule.name);
      const long = spent(rule.longMs);
      const isBurning = holds(rule, objective, {
        long,
        short: spent(rule.shortMs),
        minRequests,
        before: before.has(key),
      });
      if (!isBurning) return [];
      return [{ rule, since: before.get(key) ?? now, rate: burnRateOf(objective, long) ?? 0 }];
    });
    return {
      objective,
      now: whole.total === 0 ? undefined : 1 - whole.bad / whole.total,
      requests: whole.total,
      budgetLeft: budgetLeftOf(objective, whole),
      covered: whole.covered,
      burnRates: burnWindows.map((length) => [length, burnRateOf(objective, spent(length))] as const),
      burning,
    };
  });
}
