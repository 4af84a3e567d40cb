import type { Measurement } from '../../../core/capabilities/metrics-source.ts';
import type { TrafficMeasure } from '../../../libraries/traffic-measures/index.ts';

export interface Measured {
  readonly measured: TrafficMeasure;
  /** Milliseconds since 1970. */
  readonly window: { readonly from: number; readonly to: number };
  /** What it was computed from: who doubts it computes it again. */
  readonly statistics: NonNullable<Extract<Measurement, { readonly type: 'value' }>['statistics']>;
}

/** What was measured, as it is answered. */
export function measurementOf({ measured, window, statistics }: Measured): Measurement {
  if ('nothing' in measured) return { type: 'noData', reason: measured.nothing, window };
  const { result, samples, unsure } = measured;
  return {
    type: 'value',
    result,
    ...(unsure === undefined ? {} : { unsure }),
    samples,
    window,
    observedAt: window.to,
    statistics,
  };
}
