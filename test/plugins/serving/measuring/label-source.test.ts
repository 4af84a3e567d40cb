import { describe, expect, it } from 'vitest';
import type { MetricQuestion, MetricsSource } from '../../../../core/capabilities/metrics-source.ts';
import type {
  LabelMeasure,
  LabelQuestion,
  PredictionSink,
} from '../../../../core/capabilities/prediction-sink.ts';
import { logUnavailable } from '../../../../core/capabilities/prediction-sink-errors.ts';
import * as statistics from '../../../../libraries/statistics/index.ts';
import {
  measureTraffic,
  type TrafficQuery,
  type TrafficSums,
} from '../../../../libraries/traffic-measures/index.ts';
import { withLabels } from '../../../../plugins/serving/measuring/label-source.ts';
import { metricsSourceSuite } from '../../../conformance/metrics-source.ts';

const sums: LabelMeasure['sums'] = {
  '1.1.0': { count: 400, sum: 300, sumSquares: 300 },
  '1.0.0': { count: 4_000, sum: 3_600, sumSquares: 3_600 },
};

function sinkWith(measure: (question: LabelQuestion) => LabelMeasure | Promise<never>): PredictionSink {
  return { measureLabels: async (question: LabelQuestion) => measure(question) } as unknown as PredictionSink;
}

const traffic: MetricsSource = { measure: async () => ({ type: 'noData', reason: 'asked of traffic' }) };
const now = () => Date.now();
const questionOf = (
  query: Readonly<Record<string, unknown>>,
  more: Partial<MetricQuestion> = {},
): MetricQuestion => ({
  environment: 'production',
  deployment: 'bird-strike',
  model: 'bird-strike',
  variants: { candidate: '1.1.0', stable: '1.0.0' },
  windowMs: 60_000,
  query,
  ...more,
});
const signal = new AbortController().signal;

metricsSourceSuite('builtin, of labels', async () => ({
  source: withLabels({
    traffic,
    now,
    sink: sinkWith(({ slice }) => (slice === undefined ? { sums, unfit: 2 } : { sums: {}, unfit: 0 })),
  }),
  known: {
    question: questionOf({ metric: 'accuracy' }),
    result: { candidate: 0.75, stable: 0.9, difference: 0.75 - 0.9, ratio: 0.75 / 0.9 },
    samples: 400,
  },
  nothing: questionOf({ metric: 'accuracy', slice: { input: 'phase', value: 'Taxi' } }),
  senseless: [
    questionOf({ metric: 'accuracy', threshold: 2 }),
    questionOf({ metric: 'accuracy', output: 7 }),
    questionOf({ metric: 'logLoss', slice: { input: 'phase' } }),
    questionOf({ metric: 'errorRate', slice: { input: 'phase', value: 'Climb' } }),
  ],
  close: async () => {},
}));

describe('metrics of labels', () => {
  it('ask for both versions, the slice and the labels of the window', async () => {
    const asked: LabelQuestion[] = [];
    const sink = sinkWith((question) => {
      asked.push(question);
      return { sums, unfit: 0 };
    });
    const slice = { input: 'phase', value: 'Climb' };
    const source = withLabels({ traffic, sink, now: () => 1_000_000 });
    await source.measure(questionOf({ metric: 'logLoss', output: 'probability', slice }), signal);
    await source.measure(questionOf({ metric: 'accuracy' }, { variants: { candidate: '1.1.0' } }), signal);
    expect(asked).toEqual([
      {
        ...{
          environment: 'production',
          deployment: 'bird-strike',
          versions: ['1.1.0', '1.0.0'],
          metric: 'logLoss',
        },
        ...{ output: 'probability', threshold: 0.5, slice, since: 940_000 },
      },
      {
        ...{ environment: 'production', deployment: 'bird-strike', versions: ['1.1.0'], metric: 'accuracy' },
        ...{ threshold: 0.5, since: 940_000 },
      },
    ]);
  });

  it('have bounds that hold the truth, and can be reached again from what is kept', async () => {
    const source = withLabels({ traffic, sink: sinkWith(() => ({ sums, unfit: 0 })), now });
    for (const metric of ['accuracy', 'meanAbsoluteError', 'logLoss']) {
      const measured = await source.measure(questionOf({ metric }, { alpha: 0.05 }), signal);
      if (measured.type !== 'value') throw new Error(measured.reason);
      const { lower, difference, upper } = measured.result as Record<string, number>;
      expect(lower).toBeLessThan(difference ?? Number.NaN);
      expect(upper).toBeGreaterThan(difference ?? Number.NaN);
      const kept = JSON.parse(JSON.stringify(measured.statistics)) as {
        query: TrafficQuery;
        sums: TrafficSums;
      };
      expect(measureTraffic(kept.query, kept.sums, statistics)).toMatchObject({ result: measured.result });
    }
  });

  it('say why there is nothing, and leave what is no label to the traffic', async () => {
    const source = withLabels({ traffic, sink: sinkWith(() => ({ sums: {}, unfit: 3 })), now });
    expect(await source.measure(questionOf({ metric: 'accuracy' }), signal)).toMatchObject({
      type: 'noData',
      reason: 'no label of 1.1.0 has arrived that fits: 3 do not',
    });
    expect(await source.measure(questionOf({ metric: 'errorRate' }), signal)).toMatchObject({
      reason: 'asked of traffic',
    });
  });

  it('are asked again where the log does not answer, and refused where there is none', async () => {
    const broken = sinkWith(() => Promise.reject(logUnavailable('its process ended')));
    await expect(
      withLabels({ traffic, sink: broken, now }).measure(questionOf({ metric: 'accuracy' }), signal),
    ).rejects.toMatchObject({ code: 'MetricsUnreachable' });
    await expect(
      withLabels({ traffic, sink: undefined, now }).measure(questionOf({ metric: 'accuracy' }), signal),
    ).rejects.toMatchObject({ code: 'MetricsRefused' });
  });
});
