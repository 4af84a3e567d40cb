import { describe, expect, it } from 'vitest';
import { analysisTemplateKind } from '../../../../plugins/rollout/analysis/analysis-template.ts';
import type { AnalysisTemplateSpec } from '../../../../schemas/generated/analysis-template.ts';
import { manifestOf, relatedTo } from '../../../fixtures/manifest.ts';

type Metric = AnalysisTemplateSpec['metrics'][number];

const errorRate: Metric = {
  name: 'error-rate',
  interval: '30s',
  successCondition: 'result.candidate <= 0.01',
  provider: { builtin: { metric: 'errorRate' } },
};

function findingsOf(spec: AnalysisTemplateSpec): readonly string[] {
  const resource = manifestOf(analysisTemplateKind, { name: 'healthy' }, spec);
  const found =
    analysisTemplateKind.validate?.(resource, relatedTo(analysisTemplateKind, resource, [])) ?? [];
  return found.map(({ code, pointer, message }) => `${code} ${pointer}: ${message}`);
}

const ofMetric = (metric: Partial<Metric>, args: AnalysisTemplateSpec['args'] = []) =>
  findingsOf({ args, metrics: [{ ...errorRate, ...metric }] });

describe('an AnalysisTemplate', () => {
  it('is in order with a condition over what its provider gives', () => {
    expect(ofMetric({})).toEqual([]);
  });

  it('needs a condition for every metric that is no dry run', () => {
    const { successCondition: _, ...bare } = errorRate;
    expect(findingsOf({ metrics: [bare] })).toEqual([
      'NoCondition /spec/metrics/0: the metric error-rate has no condition, so that nothing it measures could mean anything',
    ]);
    expect(findingsOf({ metrics: [{ ...bare, dryRun: true }] })).toEqual([]);
  });

  it.each([
    ['result.canddate <= 0.01', /at character 8, no such key: canddate/],
    ['result.shift < 1.0', /no such key: shift/],
    ['result.candidate', /gives double, and must give true or false/],
    ['results.candidate < 1.0', /unknown variable: results/],
    ['2 * result.stable < 1.0', /write 1\.0 in the place of 1/],
  ])('refuses the condition %s where it stands', (successCondition, problem) => {
    const [finding, ...others] = ofMetric({ successCondition });
    expect(others).toEqual([]);
    expect(finding).toMatch(/^InvalidExpression \/spec\/metrics\/0\/successCondition: /);
    expect(finding).toMatch(problem);
  });

  it('knows that prometheus gives a number, and what web and plugins give it does not', () => {
    const prometheus = { prometheus: { query: 'up' } };
    expect(ofMetric({ provider: prometheus, successCondition: 'result < 1.0' })).toEqual([]);
    expect(ofMetric({ provider: prometheus, successCondition: 'result.value < 1.0' })[0]).toMatch(/Invalid/);
    const web = { web: { url: 'https://quality.example.com', value: 'body.rate' } };
    expect(ofMetric({ provider: web, successCondition: 'result.rate < 1.0' })).toEqual([]);
    expect(ofMetric({ provider: { lake: { table: 'x' } }, successCondition: 'result[0] < 1.0' })).toEqual([]);
  });

  it('warns where bounds, which are wide at first, fail or hold what is only undecided', () => {
    expect(ofMetric({ successCondition: 'result.upper < 0.02' })).toEqual([
      'UnsureFails /spec/metrics/0/successCondition: the metric error-rate fails a version of which nobody is sure yet: its bounds are wide at first',
    ]);
    const both = { successCondition: 'result.upper < 0.02', failureCondition: 'result.lower > 0.01' };
    expect(ofMetric(both)).toEqual([
      'UndecidedHolds /spec/metrics/0: the first look of the metric error-rate that is undecided holds the rollout for a human: its bounds are wide at first',
    ]);
    expect(ofMetric({ ...both, inconclusiveLimit: 20 })).toEqual([]);
    expect(ofMetric({ successCondition: 'result.lower <= 0.01' })).toEqual([]);
    const given = { successCondition: 'result.lower <= {{args.most}}' };
    expect(ofMetric(given, [{ name: 'most' }])).toEqual([]);
  });

  it('compiles what web is asked for', () => {
    const web = {
      url: 'https://quality.example.com',
      value: 'bdy.rate',
      samples: 'body.[',
      observedAt: 'body.at',
    };
    expect(
      ofMetric({ provider: { web }, successCondition: 'result < 1.0' }).map((one) => one.split(':')[0]),
    ).toEqual([
      'InvalidExpression /spec/metrics/0/provider/web/value',
      'InvalidExpression /spec/metrics/0/provider/web/samples',
    ]);
  });

  it('puts arguments in before it compiles, also those without a default', () => {
    const successCondition = 'result.candidate <= {{args.most}}';
    expect(ofMetric({ successCondition }, [{ name: 'most', value: '0.01' }])).toEqual([]);
    expect(ofMetric({ successCondition }, [{ name: 'most' }])).toEqual([]);
    expect(ofMetric({ successCondition }, [{ name: 'most', value: '"a"' }])[0]).toMatch(/^InvalidExpression/);
  });

  it('refuses an argument that is not declared, and warns of one that nothing uses', () => {
    expect(
      ofMetric({ successCondition: 'result.candidate <= {{args.mots}}' }, [{ name: 'most', value: '1.0' }]),
    ).toEqual([
      'UnknownArgument /spec/metrics/0/successCondition: there is no argument `args.mots`',
      'UnusedArgument /spec/args/0/name: nothing uses the argument most',
    ]);
    const query = 'rate(x{v="{{run.candidate}}", s="{{run.stabel}}"}[{{window}}])';
    expect(
      ofMetric({ provider: { prometheus: { query } }, successCondition: 'result < 1.0' }).map(
        (one) => one.split(': ')[1],
      ),
    ).toEqual(['there is no argument `run.stabel`', 'there is no argument `window`']);
  });

  it('needs names once, an interval for a count, and no interval below a second', () => {
    expect(findingsOf({ metrics: [errorRate, errorRate] })[0]).toMatch(
      /^MetricTwice \/spec\/metrics\/1\/name/,
    );
    const { interval: _, ...once } = errorRate;
    expect(findingsOf({ metrics: [{ ...once, count: 3 }] })[0]).toMatch(/^NoInterval/);
    expect(ofMetric({ interval: '500ms' })[0]).toMatch(/^IntervalTooShort/);
  });

  it('asks prometheus and web for samples where there must be a number of them', () => {
    const query = { query: 'up' };
    const condition = { successCondition: 'result < 1.0', minSamples: 10 };
    expect(ofMetric({ ...condition, provider: { prometheus: query } })[0]).toMatch(/^SamplesUnknown/);
    expect(ofMetric({ ...condition, provider: { prometheus: { ...query, samples: 'n' } } })).toEqual([]);
    expect(ofMetric({ minSamples: 10 })).toEqual([]);
  });
});
