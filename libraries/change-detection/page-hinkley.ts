import { type Detector, requireFinite, requireOption } from './detector.ts';

export interface PageHinkleyOptions {
  /** Change of the mean that is let pass. Default 0.005. */
  readonly delta?: number;
  /** How far the sum of deviations has to rise for an alarm. Default 50. */
  readonly threshold?: number;
  /** Values before the first alarm. Default 30. */
  readonly least?: number;
}

export interface PageHinkleyState {
  readonly seen: number;
  readonly mean: number;
  readonly sum: number;
  readonly lowest: number;
}

/**
 * Page and Hinkley's test for a mean that rises: an alarm where the sum of deviations from the running mean has risen by `threshold`
 * above its lowest point (Page, "Continuous inspection schemes", Biometrika 41, 1954). For a mean that falls, add the negated values.
 */
export function pageHinkley(
  { delta = 0.005, threshold = 50, least = 30 }: PageHinkleyOptions = {},
  state?: PageHinkleyState,
): Detector {
  requireOption('delta', delta, delta >= 0, 'it is at least 0');
  requireOption('threshold', threshold, threshold > 0, 'it is above 0');
  const fresh: PageHinkleyState = { seen: 0, mean: 0, sum: 0, lowest: 0 };
  let { seen, mean, sum, lowest } = state ?? fresh;
  return {
    add(value) {
      requireFinite(value);
      seen++;
      mean += (value - mean) / seen;
      sum += value - mean - delta;
      lowest = Math.min(lowest, sum);
      if (seen < least || sum - lowest <= threshold) return 'none';
      ({ seen, mean, sum, lowest } = fresh);
      return 'alarm';
    },
    get seen() {
      return seen;
    },
    state: (): PageHinkleyState => ({ seen, mean, sum, lowest }),
  };
}
