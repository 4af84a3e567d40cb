import type { CategoryProfile } from './category-column.ts';
import type { NumberProfile } from './number-column.ts';
import type { Profile } from './profile.ts';
import { QuantileSketch, quantileOf } from './quantile-sketch.ts';

/** How far each value of a column is from what is usual: 0 is usual, from 1 on it is an outlier. JSON. */
export type OutlierRule = NumberRule | CategoryRule;

export interface NumberRule {
  readonly name: string;
  readonly type: 'number';
  readonly middle: number;
  /** From the middle down and up to where a value is an outlier; 0: any other value is one. */
  readonly below: number;
  readonly above: number;
  readonly missing: number;
}

export interface CategoryRule {
  readonly name: string;
  readonly type: 'category';
  readonly levels: Readonly<Record<string, number>>;
  /** Of all other texts. */
  readonly other: number;
  readonly missing: number;
}

export interface OutlierLimits {
  /** Spreads away from the median at which a number is an outlier. Default 8. */
  readonly spreads?: number;
  /** The share of rows at which a text, or a missing value, is rare enough to be one. Default 0.001. */
  readonly rare?: number;
}

export const mostOutlying = 100;

/**
 * Rules from a profile of what is usual. A number is judged by its distance from the median in spreads of its own side: the
 * distance to the 2.5 % or 97.5 % quantile over 1.96, which is the standard deviation where values are normal, and moves
 * neither with a skew nor with a few wild values. A text is judged by how rare it is.
 */
export function outlierRules({ columns }: Profile, limits: OutlierLimits = {}): readonly OutlierRule[] {
  const { spreads = 8, rare = 0.001 } = limits;
  return columns.flatMap((column): OutlierRule[] => {
    if (column.rows === 0) return [];
    return column.type === 'number' ? numberRule(column, spreads, rare) : [categoryRule(column, rare)];
  });
}

function numberRule(column: NumberProfile, spreads: number, rare: number): NumberRule[] {
  const { name, rows, missing, unreadable, least, most, variance } = column;
  if (least === null || most === null) return [];
  const quantile = quantilesOf(column, least, most);
  const middle = quantile(0.5);
  // Where nearly all values are one, the quantiles say nothing of the others.
  const deviation = Math.sqrt(variance ?? 0);
  const spread = (distance: number): number => spreads * (distance > 0 ? distance / 1.96 : deviation);
  return [
    {
      name,
      type: 'number',
      middle,
      below: spread(middle - quantile(0.025)),
      above: spread(quantile(0.975) - middle),
      missing: rarity((missing + unreadable) / rows, rows, rare),
    },
  ];
}

/** Of few distinct values exactly, else of the sketch. */
function quantilesOf(
  { distinct, sketch }: NumberProfile,
  least: number,
  most: number,
): (share: number) => number {
  if (distinct === undefined) {
    const read = QuantileSketch.fromJson(sketch);
    return (share) => quantileOf(read, share, least, most);
  }
  const total = distinct.reduce((sum, [, count]) => sum + count, 0);
  return (share) => {
    let seen = 0;
    for (const [value, count] of distinct) {
      seen += count;
      if (seen >= share * total) return value;
    }
    return most;
  };
}

function categoryRule(column: CategoryProfile, rare: number): CategoryRule {
  const { name, rows, missing, levels, others } = column;
  const there = rows - missing;
  const scores = levels.map(([label, count]): [string, number] => [
    label,
    rarity(count / there, there, rare),
  ]);
  return {
    name,
    type: 'category',
    levels: Object.fromEntries(scores),
    other: rarity(others / there, there, rare),
    missing: rarity(missing / rows, rows, rare),
  };
}

/** 1 at the share that is rare. What never came up counts as once in one row more: few rows cannot say that it is rare. */
function rarity(share: number, rows: number, rare: number): number {
  const seen = share > 0 ? share : 1 / (rows + 1);
  return Math.min(mostOutlying, Math.round((1000 * Math.log(seen)) / Math.log(rare)) / 1000);
}
