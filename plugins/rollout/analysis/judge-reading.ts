import { formatDuration } from '../../../libraries/duration/index.ts';
import type { MetricLimits } from './analysis-run.ts';
import type { Reading, ValueReading } from './reading.ts';

/** What one measurement says of the version. */
export type MeasurementOutcome = 'Successful' | 'Failed' | 'Inconclusive' | 'Error';

export interface Judgement {
  readonly outcome: MeasurementOutcome;
  readonly message: string;
}

type Bounds = Pick<MetricLimits, 'minSamples' | 'noData' | 'maxAge'>;

/** How far the clock of a source may run ahead of ours before what it says is not believed. */
const skewAllowedMs = 60_000;

/**
 * Judges one reading at `now`. What is stale is an error, not a lack of data: `noData: pass` must not let a version pass
 * whose metrics nobody collects any more.
 */
export function judgeReading(reading: Reading, bounds: Bounds, now: number): Judgement {
  if (reading.type === 'error') {
    return { outcome: 'Error', message: `${reading.code}: ${reading.message}` };
  }
  if (reading.type === 'noData') return withoutData(reading.reason, bounds);
  return staleness(reading, bounds, now) ?? tooFew(reading, bounds) ?? judgeValue(reading);
}

function staleness(reading: ValueReading, { maxAge }: Bounds, now: number): Judgement | undefined {
  if (maxAge === undefined) return undefined;
  const age = now - reading.observedAt;
  if (age > maxAge) {
    const message = `StaleMeasurement: it is ${formatDuration(age)} old, more than ${formatDuration(maxAge)}`;
    return { outcome: 'Error', message };
  }
  if (-age > Math.max(maxAge, skewAllowedMs)) {
    return { outcome: 'Error', message: `StaleMeasurement: it is dated ${formatDuration(-age)} ahead` };
  }
  return undefined;
}

function tooFew({ samples }: ValueReading, bounds: Bounds): Judgement | undefined {
  const { minSamples } = bounds;
  if (minSamples === undefined) return undefined;
  if (samples === undefined) {
    const message = 'SamplesUnknown: minSamples is set, but the source does not say how many there were';
    return { outcome: 'Error', message };
  }
  return samples < minSamples
    ? withoutData(`${samples} samples, fewer than minSamples ${minSamples}`, bounds)
    : undefined;
}

function withoutData(reason: string, { noData }: Bounds): Judgement {
  switch (noData ?? 'inconclusive') {
    case 'pass':
      return { outcome: 'Successful', message: `${reason}; noData: pass` };
    case 'fail':
      return { outcome: 'Failed', message: `${reason}; noData: fail` };
    case 'inconclusive':
      return { outcome: 'Inconclusive', message: reason };
  }
}

function judgeValue({ conditions: { success, failure } }: ValueReading): Judgement {
  if (failure === true) return { outcome: 'Failed', message: 'failureCondition holds' };
  if (success === true) return { outcome: 'Successful', message: 'successCondition holds' };
  if (success === undefined && failure === undefined) {
    return { outcome: 'Successful', message: 'measured; there is no condition' };
  }
  if (failure === undefined) return { outcome: 'Failed', message: 'successCondition does not hold' };
  if (success === undefined) return { outcome: 'Successful', message: 'failureCondition does not hold' };
  return { outcome: 'Inconclusive', message: 'neither condition holds' };
}
