import { describe, expect, it } from 'vitest';
import { expectedProportion, minimumSampleSize } from '../../../../libraries/statistics/index.ts';
import { courseOf } from '../../../../plugins/rollout/choose-strategy.ts';
import type { StrategySpec } from '../../../../plugins/rollout/course.ts';
import { wantedSteps } from '../../../../plugins/rollout/wanted/wanted-steps.ts';
import type { AnalysisTemplateSpec } from '../../../../schemas/generated/analysis-template.ts';

type Metric = AnalysisTemplateSpec['metrics'][number];

const errorRate: Metric = {
  name: 'error-rate',
  interval: '30s',
  count: 5,
  failureCondition: 'result.lower > 0.01',
  provider: { builtin: { metric: 'errorRate' } },
};

function wanted(strategy: StrategySpec, ...metrics: readonly Metric[]) {
  return wantedSteps(courseOf(strategy), {
    version: '1.3.0',
    budget: { alpha: 0.05, isDeclared: false },
    template: (name) => ({ name, spec: { metrics: metrics as [Metric] } }),
  });
}

const templates = [{ templateName: 'healthy' }] as [{ templateName: string }];
const inStep = (weight: number): StrategySpec => ({
  canary: { steps: [{ setWeight: weight }, { analysis: { templates } }] },
});
const background: StrategySpec = {
  canary: {
    analysis: { templates },
    steps: [
      { setWeight: 10 },
      { pause: { duration: '5m' } },
      { setWeight: 50 },
      { pause: { duration: '1h' } },
    ],
  },
};

describe('the requests that a step wants', () => {
  it('are those of minSamples, before looks without them are too many', () => {
    expect(wanted(inStep(10), { ...errorRate, initialDelay: '1m', minSamples: 1200 })).toEqual([
      {
        action: 'wait',
        description: 'wait for 1,200 requests of 1.3.0 in step 2 at 10 % (minSamples of healthy/error-rate)',
        facts: {
          requests: 1200,
          percent: 10,
          within: { ms: 60_000, words: 'the last look that must count comes after 1m' },
        },
      },
    ]);
    const patient = { ...errorRate, minSamples: 100, inconclusiveLimit: 4 };
    expect(wanted(inStep(10), patient)[0]?.facts?.within).toEqual({
      ms: 120_000,
      words: 'its analysis ends after 2m',
    });
  });

  it('are as many as it takes to find the effect that a metric should find beyond its limit', () => {
    const [step] = wanted(inStep(10), { ...errorRate, minimumEffect: 0.03, baseline: 0.002 });
    const { treatment } = minimumSampleSize({
      control: expectedProportion(0.002),
      treatment: { ...expectedProportion(0.032), mean: 0.022 },
      share: 0.1,
      difference: 'absolute',
      alternative: 'two-sided',
      alpha: 0.05,
      method: 'sequential',
    });
    expect(step?.facts).toEqual({
      requests: treatment,
      percent: 10,
      within: { ms: 120_000, words: 'its analysis ends after 2m' },
    });
    expect(step?.description).toMatch(/\(for healthy\/error-rate to find 0\.03\)$/);
  });

  it('are more where more analyses share the error budget, and fewer for a larger effect', () => {
    const requests = (strategy: StrategySpec, minimumEffect: number) =>
      wanted(strategy, { ...errorRate, minimumEffect })[0]?.facts?.requests as number;
    const twice: StrategySpec = {
      canary: { steps: [{ setWeight: 10 }, { analysis: { templates } }, { analysis: { templates } }] },
    };
    expect(requests(twice, 0.03)).toBeGreaterThan(requests(inStep(10), 0.03));
    expect(requests(inStep(10), 0.06)).toBeLessThan(requests(inStep(10), 0.03) / 2);
  });

  it('of a background analysis are those before the first weight grows', () => {
    expect(wanted(background, { ...errorRate, minSamples: 500 }).map(({ facts }) => facts)).toEqual([
      { requests: 500, percent: 10, within: { ms: 300_000, words: 'its pause is 5m' } },
    ]);
  });

  it('are seen by a window, where the metric has a shorter one', () => {
    const [step] = wanted(background, { ...errorRate, window: '1m', minSamples: 500 });
    expect(step?.facts?.within).toEqual({ ms: 60_000, words: 'its window is 1m' });
  });

  it('of a shadow are those that it must have seen, with no time set', () => {
    const strategy: StrategySpec = { shadow: { percent: 20, requests: 5000 } };
    expect(wanted(strategy).map(({ facts }) => facts)).toEqual([{ requests: 5000, percent: 20 }]);
  });

  it('of an A/B test come from its minimum effect, by the share of the candidate', () => {
    const strategy: StrategySpec = {
      abTest: {
        arms: [
          { name: 'control', version: 'stable', share: 80 },
          { name: 'treatment', version: 'candidate', share: 20 },
        ],
        metric: { templates },
        minimumEffect: 0.05,
        duration: '7d',
      },
    };
    const metrics = [{ ...errorRate, failureCondition: 'result.lower > {{args.minimum-effect}}' }];
    const spec = { args: [{ name: 'minimum-effect' }], metrics } as unknown as AnalysisTemplateSpec;
    const of = (one: AnalysisTemplateSpec) =>
      wantedSteps(courseOf(strategy), {
        version: '1.3.0',
        budget: { alpha: 0.05, isDeclared: false },
        template: (name) => ({ name, spec: one }),
      });
    // What is only as large as the limit is never found: nothing is promised.
    expect(of(spec)).toEqual([]);
    const found = of({
      ...spec,
      metrics: [{ ...metrics[0]!, failureCondition: 'result.lower > 0.0 * 1.0 || result.lower > 0.0' }],
    });
    expect(found).toEqual([]);
    const sure = of({
      args: [{ name: 'minimum-effect' }],
      metrics: [
        {
          ...errorRate,
          failureCondition: 'result.lower > 0.0',
          successCondition: 'result.upper < {{args.minimum-effect}}',
        },
      ],
    });
    expect(sure[0]?.facts).toMatchObject({ percent: 20, within: { words: 'it is watched for 7d' } });
    expect(sure[0]?.facts?.requests).toBeGreaterThan(50);
  });

  it('are none where nothing says how many, or the candidate sees nothing', () => {
    expect(wanted(inStep(10), errorRate)).toEqual([]);
    expect(
      wanted({ canary: { steps: [{ analysis: { templates } }] } }, { ...errorRate, minSamples: 5 }),
    ).toEqual([]);
    const threshold = { ...errorRate, failureCondition: 'result.candidate > 0.01', minimumEffect: 0.03 };
    expect(wanted(inStep(10), threshold)).toEqual([]);
  });
});
