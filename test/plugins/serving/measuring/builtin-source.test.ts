import { describe, expect, it } from 'vitest';
import * as statistics from '../../../../libraries/statistics/index.ts';
import { measureTraffic } from '../../../../libraries/traffic-measures/index.ts';
import { Metrics } from '../../../../plugins/serving/dataplane/counters/metrics.ts';
import { builtinSource } from '../../../../plugins/serving/measuring/builtin-source.ts';
import { TrafficHistory } from '../../../../plugins/serving/measuring/traffic-history.ts';
import { metricsSourceSuite, questionOf } from '../../../conformance/metrics-source.ts';

const model = {
  inputs: [],
  outputs: [
    { name: 'label', datatype: 'INT64' as const, shape: [-1] },
    { name: 'probabilities', datatype: 'FP32' as const, shape: [-1, 2] },
  ],
  batchable: true,
};

/** One inference process, heard of by one history. */
function heard() {
  let now = 0;
  const metrics = new Metrics();
  const history = new TrafficHistory(() => now);
  const report = () => history.add('0', 1, metrics.snapshot());
  report();
  const isHeard = { now: true };
  return {
    isHeard,
    version: (version: string) => metrics.version('production', 'bird-strike', version),
    report() {
      now += 1_000;
      report();
    },
    source: builtinSource({ history, isHeard: () => isHeard.now, now: Date.now }),
  };
}

metricsSourceSuite('builtin', async () => {
  const world = heard();
  for (let index = 0; index < 100; index++) world.version('1.3.0').answered(index < 4 ? 500 : 200, 0.003);
  world.report();
  return {
    source: world.source,
    known: { question: questionOf({ metric: 'errorRate' }), result: { candidate: 0.04 }, samples: 100 },
    nothing: questionOf({ metric: 'disagreement' }),
    senseless: [
      questionOf({}),
      questionOf({ metric: 'happiness' }),
      questionOf({ metric: 'latency', quantile: 1 }),
      questionOf({ metric: 'disagreement', tolerance: 0.5 }),
    ],
    close: async () => {},
  };
});

describe('builtin', () => {
  const measure = (
    world: ReturnType<typeof heard>,
    query: Readonly<Record<string, unknown>>,
    alpha?: number,
  ) => {
    const question = { ...questionOf(query), ...(alpha === undefined ? {} : { alpha }) };
    return world.source.measure(question, new AbortController().signal);
  };

  it('leaves answers that were kept out of latencies, and counts them as requests', async () => {
    const world = heard();
    for (const [version, hits] of [
      ['1.2.0', 90],
      ['1.3.0', 0],
    ] as const) {
      const counter = world.version(version);
      for (let index = 0; index < 100; index++) {
        counter.lookedUp(index < hits ? 'hit' : 'miss', 0.01);
        counter.answered(200, index < hits ? 0.0002 : 0.05);
        if (index < hits) counter.hit(0.0002);
      }
    }
    world.report();
    const latency = await measure(world, { metric: 'latency', quantile: 0.5 });
    if (latency.type !== 'value') throw new Error(latency.type);
    const { candidate, stable } = latency.result as Record<string, number>;
    expect(candidate).toBeCloseTo(stable!, 6);
    expect(await measure(world, { metric: 'errorRate' })).toMatchObject({ samples: 100 });
  });

  it('counts an answer with NaN in it as an error, whatever its status', async () => {
    const world = heard();
    const counter = world.version('1.3.0');
    for (const value of [0.5, Number.NaN]) {
      counter.answered(200, 0.001);
      counter.gave(
        model,
        [
          { datatype: 'INT64', shape: [1], data: new BigInt64Array(1) },
          { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(value, 1 - value) },
        ],
        true,
      );
    }
    world.report();
    expect(await measure(world, { metric: 'errorRate' })).toMatchObject({ result: { candidate: 0.5 } });
  });

  it('counts an answer that could not be written down as an error, as one with an infinity', async () => {
    const world = heard();
    const counter = world.version('1.3.0');
    for (const [value, status] of [
      [0.5, 200],
      [Number.POSITIVE_INFINITY, 406],
    ] as const) {
      counter.answered(status, 0.001);
      const output = { datatype: 'FP32' as const, shape: [1, 2], data: Float32Array.of(value, 0) };
      counter.gave(
        model,
        [{ datatype: 'INT64', shape: [1], data: new BigInt64Array(1) }, output],
        status === 200,
      );
    }
    world.report();
    expect(await measure(world, { metric: 'errorRate' })).toMatchObject({ result: { candidate: 0.5 } });
  });

  it('tells how far the score of an output has moved, and of which outputs there are scores', async () => {
    const world = heard();
    for (const [version, values] of [
      ['1.2.0', [0.25, 0.5, 0.75]],
      ['1.3.0', [0.75, 1]],
    ] as const) {
      for (const value of values) {
        world.version(version).gave(
          model,
          [
            { datatype: 'INT64', shape: [1], data: new BigInt64Array(1) },
            { datatype: 'FP32', shape: [1, 2], data: Float32Array.of(1 - value, value) },
          ],
          true,
        );
      }
    }
    world.report();
    expect(await measure(world, { metric: 'scoreShift' })).toMatchObject({
      result: { candidate: 0.125, stable: 0.5, difference: -0.375, shift: expect.closeTo(1.5, 12) },
      samples: 2,
    });
    await expect(measure(world, { metric: 'scoreShift', output: 'label' })).rejects.toMatchObject({
      code: 'MetricQueryInvalid',
      hint: 'There are: probabilities.',
    });
  });

  it('tells how often a shadow disagrees', async () => {
    const world = heard();
    for (const distance of [0, 1e-7, 0.005, 0.5, Number.POSITIVE_INFINITY]) {
      world.version('1.3.0').differed(distance);
    }
    world.report();
    expect(await measure(world, { metric: 'disagreement' })).toMatchObject({
      result: { candidate: 0.4 },
      samples: 5,
    });
    expect(await measure(world, { metric: 'disagreement', tolerance: 1 })).toMatchObject({
      result: { candidate: 0.2 },
    });
  });

  it('gives with each measurement what it takes to make it again, bit for bit', async () => {
    const world = heard();
    for (let index = 0; index < 97; index++) {
      world.version('1.3.0').answered(index % 7 === 0 ? 503 : 200, index / 1000);
      world.version('1.2.0').answered(200, index / 3000);
    }
    world.report();
    for (const query of [{ metric: 'errorRate' }, { metric: 'latency', quantile: 0.5 }]) {
      const measured = JSON.parse(JSON.stringify(await measure(world, query, 0.01)));
      const { query: asked, sums } = measured.statistics;
      expect(asked.alpha).toBe(0.01);
      expect(measured.result.lower).toBeLessThan(measured.result.upper);
      expect(measureTraffic(asked, sums, statistics)).toEqual({
        result: measured.result,
        samples: measured.samples,
      });
    }
  });

  it('says why a result has no bounds', async () => {
    const world = heard();
    world.version('1.3.0').answered(200, 0.003);
    world.report();
    expect(await measure(world, { metric: 'errorRate' }, 0.05)).toMatchObject({
      result: { candidate: 0 },
      unsure: 'stable answered nothing to compare with',
    });
  });

  it('is an error, not a lack of data, while no inference process is heard', async () => {
    const world = heard();
    world.isHeard.now = false;
    await expect(measure(world, { metric: 'requests' })).rejects.toMatchObject({
      code: 'MetricsUnreachable',
    });
  });
});
