import { describe, expect, it } from 'vitest';
import { orderedFindings } from '../../../../plugins/rollout/analysis/ordered-findings.ts';
import type { AnalysisTemplateSpec } from '../../../../schemas/generated/analysis-template.ts';

type Metric = AnalysisTemplateSpec['metrics'][number];
const metric: Metric = {
  name: 'm',
  interval: '30s',
  count: 5,
  successCondition: 'result < 1.0',
  provider: { prometheus: { query: 'up' } },
};
const { count: _, ...endless } = metric;
const templates = new Map<string, AnalysisTemplateSpec>([
  ['healthy', { metrics: [metric] }],
  ['endless', { metrics: [endless] }],
  [
    'shadowed',
    {
      metrics: [
        { ...endless, dryRun: true },
        { ...metric, name: 'n' },
      ],
    },
  ],
  ['effect', { args: [{ name: 'minimum-effect' }], metrics: [metric] }],
]);
const named = (templateName: string, args?: object[]) => ({
  templates: [{ templateName }],
  ...(args && { args }),
});
const codesOf = (strategy: object) =>
  orderedFindings(strategy, templates).map(({ code, pointer }) => `${code} ${pointer}`);

describe('an A/B test that stops when its metric tells', () => {
  const errorRate = { ...metric, provider: { builtin: { metric: 'errorRate' as const } } };
  const codes = (more: Partial<Metric>, abTest: object = {}) => {
    const found = new Map([['m', { metrics: [{ ...errorRate, ...more }] as [Metric] }]]);
    const strategy = { abTest: { metric: named('m'), ...abTest } };
    return orderedFindings(strategy, found).map(({ code, severity }) => `${severity} ${code}`);
  };
  const unsound = ['warning StopRuleUnsound'];

  it('must be judged by bounds, on both sides', () => {
    expect(codes({ successCondition: 'result.candidate < 0.01' })).toEqual(unsound);
    expect(codes({ successCondition: 'result.lower <= 0.01' })).toEqual(unsound);
    const failureCondition = 'result.lower > 0.0';
    expect(codes({ failureCondition, successCondition: 'result.difference < 0.0' })).toEqual(unsound);
    expect(codes({ failureCondition, successCondition: 'result.upper < 0.0' })).toEqual([]);
  });

  it('may be judged by anything where it is looked at once, in dry runs, and from elsewhere', () => {
    const successCondition = 'result.candidate < 0.01';
    expect(codes({ successCondition }, { stopRule: 'fixed' })).toEqual([]);
    expect(codes({ successCondition, dryRun: true })).toEqual([]);
    expect(codes({ provider: { prometheus: { query: 'up' } } })).toEqual([]);
  });
});

describe('how a strategy uses templates', () => {
  it('is fine where arguments fit and what is waited for ends', () => {
    expect(codesOf({ canary: { steps: [{ setWeight: 10 }, { analysis: named('healthy') }] } })).toEqual([]);
    expect(codesOf({ direct: {} })).toEqual([]);
  });

  it.each([
    [
      'a step of a canary',
      { canary: { steps: [{ analysis: named('endless') }] } },
      '/canary/steps/0/analysis',
    ],
    [
      'the analysis before a promotion',
      { blueGreen: { prePromotionAnalysis: named('endless') } },
      '/blueGreen/prePromotionAnalysis',
    ],
  ])('is wrong where %s would never be over', (_title, strategy, pointer) => {
    expect(codesOf(strategy)).toEqual([`AnalysisNeverEnds ${pointer}`]);
  });

  it('may be endless where the rollout brings it to an end, and in dry runs', () => {
    expect(codesOf({ canary: { steps: [], analysis: named('endless') } })).toEqual([]);
    expect(codesOf({ shadow: { duration: '1h', analysis: named('endless') } })).toEqual([]);
    expect(codesOf({ canary: { steps: [{ analysis: named('shadowed') }] } })).toEqual([]);
  });

  it('is wrong where an argument is missing, or nobody takes it', () => {
    expect(codesOf({ shadow: { analysis: named('effect') } })).toEqual([
      'ArgumentsDoNotFit /shadow/analysis',
    ]);
    const given = named('healthy', [{ name: 'x', value: '1' }]);
    expect(codesOf({ shadow: { analysis: given } })).toEqual(['ArgumentsDoNotFit /shadow/analysis']);
  });

  it('is wrong where an argument leaves no condition', () => {
    const limited = { args: [{ name: 'limit', value: '0.1' }], metrics: [metric] };
    const found = new Map<string, AnalysisTemplateSpec>([
      ['limited', { ...limited, metrics: [{ ...metric, successCondition: 'result < {{args.limit}}' }] }],
    ]);
    const findings = (value: string) =>
      orderedFindings({ shadow: { analysis: named('limited', [{ name: 'limit', value }]) } }, found);
    expect(findings('0.2')).toEqual([]);
    for (const value of ['low', '0.2 ||', '{{args.limit}}', '"0.2"']) {
      expect(findings(value), value).toMatchObject([
        { code: 'ArgumentsDoNotFit', pointer: '/shadow/analysis', message: expect.stringContaining(value) },
      ]);
    }
  });

  it('gives the smallest effect of an A/B test to its metric', () => {
    expect(codesOf({ abTest: { metric: named('effect'), minimumEffect: 0.02 } })).toEqual([]);
    expect(codesOf({ abTest: { metric: named('effect') } })).toEqual(['ArgumentsDoNotFit /abTest/metric']);
  });
});
