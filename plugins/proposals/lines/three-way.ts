import { isDeepStrictEqual } from 'node:util';

/** A field that both sides changed, and differently. */
export interface FieldConflict {
  /** `lineage.parameters.years`. */
  readonly field: string;
  readonly ours: unknown;
  readonly theirs: unknown;
  /** What it was: one value, or several where there are several common ancestors. */
  readonly bases: readonly unknown[];
}

export type Side = 'ours' | 'theirs';

/** Which side counts where both changed a field; undefined: it is a conflict. */
export type Settle = (field: string) => Side | undefined;

export interface ThreeWayOptions {
  /** Whether the value at a path is taken as a whole; else maps are merged key by key. Lists always are. */
  isWhole(path: readonly string[]): boolean;
  readonly settle: Settle;
}

export interface ThreeWayMerge {
  /** With `ours` where there is a conflict. */
  readonly value: unknown;
  readonly conflicts: readonly FieldConflict[];
}

/**
 * Merges two values against what they come from: what one side alone changed is taken from it, what both changed alike is
 * taken once. With several bases a side counts as unchanged only where all of them agree with it, so that a merge never rests
 * on the wrong one. Absent is `undefined`, and is a value like any other.
 */
export function threeWay(
  bases: readonly unknown[],
  ours: unknown,
  theirs: unknown,
  { isWhole, settle }: ThreeWayOptions,
): ThreeWayMerge {
  const conflicts: FieldConflict[] = [];
  const merge = (
    path: readonly string[],
    from: readonly unknown[],
    one: unknown,
    other: unknown,
  ): unknown => {
    if (isDeepStrictEqual(one, other)) return one;
    if (from.every((base) => isDeepStrictEqual(base, one))) return other;
    if (from.every((base) => isDeepStrictEqual(base, other))) return one;
    if (isMap(one) && isMap(other) && !isWhole(path)) {
      const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
      const entries = [...keys].map((key) => {
        const before = from.map((base) => (isMap(base) ? ownValue(base, key) : undefined));
        return [key, merge([...path, key], before, ownValue(one, key), ownValue(other, key))] as const;
      });
      return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
    }
    const field = path.join('.');
    const side = settle(field);
    if (side === undefined) conflicts.push({ field, ours: one, theirs: other, bases: from });
    return side === 'theirs' ? other : one;
  };
  return { value: merge([], bases, ours, theirs), conflicts };
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function ownValue(map: Readonly<Record<string, unknown>>, key: string): unknown {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}
