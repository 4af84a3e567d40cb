import { labelOf } from './category-column.ts';
import { mostOutlying, type OutlierRule } from './outlier-rules.ts';

/** How outlying a value is: from 1 on it is an outlier. Never NaN. */
export type ValueScore = (value: number | bigint | string | boolean) => number;

/** The score of a column's values, made once and then cheap: a subtraction and a division, or a look into a map. */
export function valueScore(rule: OutlierRule): ValueScore {
  if (rule.type === 'category') {
    const { other, missing } = rule;
    const levels = new Map(Object.entries(rule.levels));
    return (value) => {
      const text = String(value);
      return text === '' ? missing : (levels.get(text.length > 80 ? labelOf(text) : text) ?? other);
    };
  }
  const { middle, below, above, missing } = rule;
  // A value in single precision is not quite the one that was profiled.
  const same = 1e-6 * Math.abs(middle);
  return (value) => {
    if (value === '') return missing;
    const distance = Number(value) - middle;
    if (Number.isNaN(distance)) return missing;
    if (distance <= same && distance >= -same) return 0;
    const reach = distance > 0 ? above : below;
    return reach === 0 ? mostOutlying : Math.min(mostOutlying, Math.abs(distance) / reach);
  };
}
