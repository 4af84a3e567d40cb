import type { Variant } from '../../core/capabilities/serving-runtime.ts';
import { sequentialSampleRatio } from '../../libraries/statistics/index.ts';

/** How sure it must be, at any of all looks, that shares were not kept. */
const alpha = 0.001;

/** How near to the shares a mismatch is looked for: arms that lose some percent, and arms that lose most. */
const concentrations = [10_000, 100, 4] as const;

/**
 * Says in words that arms answered other shares of the traffic than they were meant to, where that is no accident; undefined
 * while it may be one, and where nothing was counted. By a test that may be looked at any time.
 */
export function shareMismatchOf(
  variants: readonly Variant[],
  counted: Readonly<Record<string, number>> = {},
): string | undefined {
  const arms = variants.filter(({ role, weight }) => role !== 'shadow' && weight > 0);
  const observed = arms.map(({ version }) => counted[version] ?? 0);
  const total = observed.reduce((sum, count) => sum + count, 0);
  if (arms.length < 2 || total === 0) return undefined;
  const pValue = pValueOf(
    observed,
    arms.map(({ weight }) => weight),
  );
  if (pValue >= alpha) return undefined;
  const shares = arms.map(({ version, weight }, index) => {
    const count = observed[index] ?? 0;
    const percent = ((100 * count) / total).toPrecision(3);
    return `${version} answered ${count.toLocaleString('en-US')} (${Number(percent)} %, meant ${weight} %)`;
  });
  const chance = pValue < 1e-6 ? 'p < 0.000001' : `p = ${pValue.toPrecision(1)}`;
  return `the arms did not get the shares that they were meant to: ${shares.join(', ')}; ${chance}. Find out why before any figure is believed`;
}

/** By the mean of their Bayes factors, which is one too. */
function pValueOf(observed: readonly number[], expected: readonly number[]): number {
  const logs = concentrations.map(
    (concentration) => sequentialSampleRatio({ observed, expected }, { concentration }).logBayesFactor,
  );
  const largest = Math.max(...logs);
  const mean = logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length;
  return Math.min(1, Math.exp(-largest) / mean);
}
