/** Measures what labels say of versions: the prediction log keeps them, and knows which version made which prediction. */

import type {
  Measurement,
  MetricQuestion,
  MetricsSource,
} from '../../../core/capabilities/metrics-source.ts';
import {
  metricQueryInvalid,
  metricsRefused,
  metricsUnreachable,
} from '../../../core/capabilities/metrics-source-errors.ts';
import type {
  LabelMetric,
  LabelQuestion,
  PredictionSink,
} from '../../../core/capabilities/prediction-sink.ts';
import { isCodedError } from '../../../core/plugin.ts';
import * as statistics from '../../../libraries/statistics/index.ts';
import { measureTraffic, type TrafficSums } from '../../../libraries/traffic-measures/index.ts';
import { measurementOf } from './measurement.ts';

const labelMetrics: readonly string[] = ['accuracy', 'meanAbsoluteError', 'logLoss'] satisfies LabelMetric[];

export interface LabelSourceOptions {
  /** What is asked where the metric is none of labels. */
  readonly traffic: MetricsSource;
  /** Undefined where nobody keeps predictions. */
  readonly sink: PredictionSink | undefined;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** The traffic's source, with the metrics of labels beside its own. */
export function withLabels({ traffic, sink, now }: LabelSourceOptions): MetricsSource {
  return {
    async measure(question: MetricQuestion, signal: AbortSignal): Promise<Measurement> {
      signal.throwIfAborted();
      const { metric, slice } = question.query;
      if (labelMetrics.includes(String(metric))) {
        if (sink === undefined) {
          throw metricsRefused(
            'builtin',
            'nothing keeps predictions that labels could be of',
            'Name the plugin prediction-log in platform.yaml.',
          );
        }
        return measureLabels(sink, question, now(), signal);
      }
      if (slice !== undefined) {
        const hint = `Slices are there of ${labelMetrics.join(', ')}.`;
        throw metricQueryInvalid('builtin.slice', `${metric} is counted without inputs`, hint);
      }
      return traffic.measure(question, signal);
    },
  };
}

/** The window is one of labels: a label that comes a day late counts when it comes, for the version that made the prediction. */
async function measureLabels(
  sink: PredictionSink,
  question: MetricQuestion,
  now: number,
  signal: AbortSignal,
): Promise<Measurement> {
  const { variants, windowMs, alpha } = question;
  const asked = labelQuestion(question, now);
  const { sums, unfit } = await sink.measureLabels(asked, signal).catch((error: unknown) => {
    if (!isCodedError(error) || signal.aborted) throw error;
    throw metricsUnreachable('builtin', error.message, error);
  });
  const window = { from: Math.round(now - windowMs), to: Math.round(now) };
  const of = (version: string) => {
    const labels = sums[version];
    return labels === undefined ? {} : { labels };
  };
  const both: TrafficSums = {
    candidate: of(variants.candidate),
    ...(variants.stable === undefined ? {} : { stable: of(variants.stable) }),
  };
  const { metric, output, threshold, slice } = asked;
  const query = { metric, output, threshold, slice, ...(alpha === undefined ? {} : { alpha }) };
  const measured = measureTraffic(query, both, statistics);
  if ('nothing' in measured) {
    const none = `no label of ${variants.candidate} has arrived`;
    return { type: 'noData', reason: unfit === 0 ? none : `${none} that fits: ${unfit} do not`, window };
  }
  const statistic = { query: JSON.parse(JSON.stringify(query)), sums: both };
  return measurementOf({ measured, window, statistics: statistic });
}

/** Throws `MetricQueryInvalid`. */
function labelQuestion(
  { environment, deployment, variants, windowMs, query }: MetricQuestion,
  now: number,
): LabelQuestion {
  const { metric, output, threshold = 0.5, slice } = query;
  if (output !== undefined && (typeof output !== 'string' || output === '')) {
    throw metricQueryInvalid('builtin.output', 'it is no name of an output');
  }
  if (typeof threshold !== 'number' || !(threshold >= 0 && threshold <= 1)) {
    throw metricQueryInvalid('builtin.threshold', 'it is not between 0 and 1');
  }
  const { candidate, stable } = variants;
  return {
    environment,
    deployment,
    versions: stable === undefined || stable === candidate ? [candidate] : [candidate, stable],
    metric: metric as LabelMetric,
    ...(output === undefined ? {} : { output }),
    threshold,
    ...(slice === undefined ? {} : { slice: sliceOf(slice) }),
    since: now - windowMs,
  };
}

function sliceOf(slice: unknown): NonNullable<LabelQuestion['slice']> {
  const { input, value } = (slice ?? {}) as Readonly<Record<string, unknown>>;
  const isValue = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  if (typeof input !== 'string' || input === '' || !isValue) {
    throw metricQueryInvalid(
      'builtin.slice',
      'it is not an input and its value',
      'Write slice: { input: phase_of_flight, value: Climb }.',
    );
  }
  return { input, value };
}
