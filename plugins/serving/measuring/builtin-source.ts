import {
  type BuiltinMetric,
  builtinResults,
  type Measurement,
  type MetricQuestion,
  type MetricsSource,
} from '../../../core/capabilities/metrics-source.ts';
import { metricQueryInvalid, metricsUnreachable } from '../../../core/capabilities/metrics-source-errors.ts';
import * as statistics from '../../../libraries/statistics/index.ts';
import {
  measureTraffic,
  type TrafficQuery,
  type TrafficSums,
  type VariantSums,
} from '../../../libraries/traffic-measures/index.ts';
import { type Bounds, type Counters, outputsOf, sumsOf } from './counters.ts';
import { measurementOf } from './measurement.ts';
import type { TrafficHistory, TrafficWindow } from './traffic-history.ts';

export interface BuiltinSourceOptions {
  readonly history: TrafficHistory;
  /** Whether any inference process reports. */
  readonly isHeard: () => boolean;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Measures what inference processes report of versions. */
export function builtinSource({ history, isHeard, now }: BuiltinSourceOptions): MetricsSource {
  return {
    async measure(question: MetricQuestion, signal: AbortSignal): Promise<Measurement> {
      signal.throwIfAborted();
      const { environment, deployment, variants, windowMs, query, alpha } = question;
      if (!isHeard()) throw metricsUnreachable('builtin', 'no inference process reports');
      const asked = { ...queryOf(query, history.bounds), ...(alpha === undefined ? {} : { alpha }) };
      const look = (version: string | undefined) =>
        version === undefined ? undefined : history.window({ environment, deployment, version }, windowMs);
      const candidate = look(variants.candidate);
      const { bounds } = history;
      if (candidate === undefined || bounds === undefined) {
        return { type: 'noData', reason: `nothing was heard of ${variants.candidate}` };
      }
      const stable = look(variants.stable);
      const sums = relevantSums(asked, query, candidate.counters, stable?.counters, bounds);
      const window = windowOf(candidate, now());
      const measured = measureTraffic(asked, sums, statistics);
      return measurementOf({ measured, window, statistics: { query: asked, sums } });
    },
  };
}

function windowOf({ fromAgo, toAgo }: TrafficWindow, now: number): { from: number; to: number } {
  return { from: Math.round(now - fromAgo), to: Math.round(now - toAgo) };
}

/** Only what the metric needs is kept with the measurement. */
function relevantSums(
  asked: TrafficQuery,
  { output }: MetricQuestion['query'],
  candidate: Counters,
  stable: Counters | undefined,
  bounds: Bounds,
): TrafficSums {
  const wanted = typeof output === 'string' ? output : outputsOf(candidate)[0];
  const outputs = outputsOf(candidate);
  if (asked.metric === 'scoreShift' && output !== undefined && outputs.length > 0) {
    if (!outputs.includes(String(output))) {
      const hint = `There are: ${outputs.join(', ')}.`;
      throw metricQueryInvalid('builtin.output', `no numbers come from an output "${output}"`, hint);
    }
  }
  const part = (counters: Counters): VariantSums => {
    const { requests = 0, errors = 0, latency, distances, score } = sumsOf(counters, bounds, wanted);
    switch (asked.metric) {
      case 'errorRate':
      case 'requests':
        return { requests, errors };
      case 'latency':
        return latency === undefined ? {} : { latency };
      case 'disagreement':
        return distances === undefined ? {} : { distances };
      case 'scoreShift':
        return score === undefined ? {} : { score };
      default:
        return {};
    }
  };
  return { candidate: part(candidate), ...(stable === undefined ? {} : { stable: part(stable) }) };
}

/** Throws `MetricQueryInvalid`. */
function queryOf(query: MetricQuestion['query'], bounds: Bounds | undefined): TrafficQuery {
  const { metric, quantile = 0.95, tolerance = 0.01 } = query;
  switch (metric as BuiltinMetric) {
    case 'errorRate':
    case 'requests':
    case 'scoreShift':
      return { metric: metric as 'errorRate' | 'requests' | 'scoreShift' };
    case 'latency':
      if (typeof quantile !== 'number' || !(quantile > 0 && quantile < 1)) {
        throw metricQueryInvalid('builtin.quantile', 'it is not between 0 and 1');
      }
      return { metric: 'latency', quantile };
    case 'disagreement':
      if (typeof tolerance !== 'number' || bounds?.distances.includes(tolerance) === false) {
        const hint = `There are: ${bounds?.distances.join(', ')}.`;
        throw metricQueryInvalid('builtin.tolerance', 'distances are not told apart there', hint);
      }
      return { metric: 'disagreement', tolerance };
    default: {
      const hint = `There are: ${Object.keys(builtinResults).join(', ')}.`;
      throw metricQueryInvalid('builtin.metric', 'there is no such metric', hint);
    }
  }
}
