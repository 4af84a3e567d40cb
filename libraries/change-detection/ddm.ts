import { type Detector, requireOption, requireWithin } from './detector.ts';

export interface DdmOptions {
  /** Standard deviations above the best rate so far for a warning, and for an alarm. Default 2 and 3. */
  readonly warning?: number;
  readonly alarm?: number;
  /** Values before the first signal. Default 30. */
  readonly least?: number;
}

export interface DdmState {
  readonly seen: number;
  readonly errors: number;
  readonly bestRate: number | null;
  readonly bestDeviation: number | null;
}

/**
 * The drift detection method for a stream of errors, 1 for a wrong answer and 0 for a right one: a warning, then an alarm, where the
 * error rate since the beginning rises above its lowest point (Gama, Medas, Castillo and Rodrigues, "Learning with drift detection",
 * SBIA 2004). It has no bound on false alarms: see `anytimeAlarm`.
 */
export function ddm({ warning = 2, alarm = 3, least = 30 }: DdmOptions = {}, state?: DdmState): Detector {
  requireOption('warning', warning, warning > 0, 'it is above 0');
  requireOption('alarm', alarm, alarm >= warning, 'it is at least the level of the warning');
  let seen = state?.seen ?? 0;
  let errors = state?.errors ?? 0;
  let bestRate = state?.bestRate ?? Number.POSITIVE_INFINITY;
  let bestDeviation = state?.bestDeviation ?? Number.POSITIVE_INFINITY;
  return {
    add(value) {
      requireWithin('the value', value, 0, 1);
      seen++;
      errors += value;
      const rate = errors / seen;
      const deviation = Math.sqrt((rate * (1 - rate)) / seen);
      // Before the first error a rate of 0 would make anything an alarm.
      if (seen < least || errors === 0) return 'none';
      if (rate + deviation < bestRate + bestDeviation) [bestRate, bestDeviation] = [rate, deviation];
      if (rate + deviation > bestRate + alarm * bestDeviation) {
        seen = 0;
        errors = 0;
        bestRate = Number.POSITIVE_INFINITY;
        bestDeviation = Number.POSITIVE_INFINITY;
        return 'alarm';
      }
      return rate + deviation > bestRate + warning * bestDeviation ? 'warning' : 'none';
    },
    get seen() {
      return seen;
    },
    state: (): DdmState => ({
      seen,
      errors,
      bestRate: Number.isFinite(bestRate) ? bestRate : null,
      bestDeviation: Number.isFinite(bestDeviation) ? bestDeviation : null,
    }),
  };
}
