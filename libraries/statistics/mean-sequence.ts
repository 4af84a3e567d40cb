import type { Interval } from './bootstrap.ts';
import { anytimeTest, defaultTuning } from './confidence-sequence.ts';
import { effectOf } from './effect.ts';
import { StatisticsError } from './error.ts';
import { momentsOfMean, type Sums } from './moments.ts';

/** Rows of an arm below which large samples are no promise. */
const fewestRows = 50;

/**
 * Holds the difference of means, treatment − control, at all looks together with a chance of about 1 − alpha: the asymptotic
 * confidence sequence of `anytimeTest`. Throws `StatisticsError` for fewer than 50 rows of an arm, where the approximation
 * is none yet, and for what `momentsOfMean` refuses.
 */
export function meanDifferenceSequence(
  control: Sums,
  treatment: Sums,
  alpha: number,
  tuning: number = defaultTuning,
): Interval {
  for (const [name, { n }] of Object.entries({ control, treatment })) {
    if (n >= fewestRows) continue;
    throw new StatisticsError(
      `${name} has ${n} rows: before ${fewestRows} a mean has no interval for all looks`,
    );
  }
  const effect = effectOf(momentsOfMean(control), momentsOfMean(treatment), 'absolute');
  return anytimeTest(effect, alpha, 'two-sided', tuning).interval;
}
