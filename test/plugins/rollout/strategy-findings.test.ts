import { describe, expect, it } from 'vitest';
import { environmentKind } from '../../../plugins/environments/environment.ts';
import type { StrategySpec } from '../../../plugins/rollout/course.ts';
import { deploymentKind } from '../../../plugins/rollout/deployment.ts';
import { strategyFindings } from '../../../plugins/rollout/strategy-findings.ts';
import type { DeploymentSpec } from '../../../schemas/generated/deployment.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';
import { versionOf } from '../../fixtures/rollout-world.ts';

const findings = (strategy: StrategySpec) =>
  strategyFindings(strategy, { size: 76_211, versions: new Set(['1.0.0', '1.1.0']) }).map(
    ({ code, severity = 'error', pointer, message, hint }) => {
      expect(message).not.toBe('');
      expect(hint).toMatch(/\.$/);
      return `${severity} ${code} ${pointer}`;
    },
  );
const templates = [{ templateName: 'healthy' }];
const pause = { pause: { duration: '5m' } };
const arms = [
  { name: 'control', version: 'stable', share: 50 },
  { name: 'treatment', version: 'candidate', share: 50 },
];
const abTest = { arms, assignment: { cookie: 'session' }, metric: { templates }, duration: '7d' };
const matching = (condition: object) => ({
  abTest: { ...abTest, match: [{ all: [condition], arm: 'treatment' }] },
});

describe('a strategy without a fault', () => {
  it.each<StrategySpec>([
    { direct: {} },
    {
      canary: { steps: [{ setMirror: { percent: 5 } }, pause, { setWeight: 10 }, pause, { setWeight: 50 }] },
    },
    { canary: { steps: [{ setWeight: 0 }, { setWeight: 10 }], analysis: { templates, startingStep: 1 } } },
    { canary: { steps: [{ setWeight: 10 }, { analysis: { templates } }], maxSurge: '77kB' } },
    { blueGreen: { autoPromotion: false } },
    { blueGreen: { prePromotionAnalysis: { templates } } },
    { shadow: { duration: '1h', analysis: { templates } } },
    { abTest },
    matching({ header: 'x-team', regex: '^(birds|planes)$' }),
    matching({ query: 'team', equals: '' }),
  ])('is found none: %j', (strategy) => {
    expect(findings(strategy)).toEqual([]);
  });
});

describe('a strategy with a fault', () => {
  it.each<[string, StrategySpec, string]>([
    [
      'weights that do not go up',
      { canary: { steps: [{ setWeight: 50 }, pause, { setWeight: 10 }] } },
      'warning WeightsNotAscending /canary/steps/2/setWeight',
    ],
    [
      'steps that nothing judges',
      { canary: { steps: [{ setWeight: 10 }, { setWeight: 50 }] } },
      'warning NothingJudges /canary/steps',
    ],
    [
      'a mirror for a version that answers',
      { canary: { steps: [{ setWeight: 10 }, pause, { setMirror: { percent: 5 } }] } },
      'error MirrorAfterWeight /canary/steps/2/setMirror',
    ],
    [
      'an analysis that begins after the end',
      { canary: { steps: [{ setWeight: 10 }, pause], analysis: { templates, startingStep: 2 } } },
      'warning AnalysisNeverBegins /canary/analysis/startingStep',
    ],
    [
      'a version that is larger than what may be held',
      { canary: { steps: [{ setWeight: 10 }, pause], maxSurge: '76kB' } },
      'warning SurgeExceeded /canary/maxSurge',
    ],
    [
      'the same in binary units',
      { canary: { steps: [{ setWeight: 10 }, pause], maxSurge: '74Ki' } },
      'warning SurgeExceeded /canary/maxSurge',
    ],
    ['a blue-green that asks nobody', { blueGreen: {} }, 'warning NothingJudges /blueGreen'],
    ['a shadow without an end', { shadow: { analysis: { templates } } }, 'error ShadowWithoutEnd /shadow'],
    ['a shadow that nothing judges', { shadow: { requests: 100 } }, 'warning NothingJudges /shadow'],
    [
      'shares that do not sum to 100',
      { abTest: { ...abTest, arms: [arms[0]!, { ...arms[1]!, share: 40 }] } },
      'error SharesDoNotSum /abTest/arms',
    ],
    [
      'no candidate among the arms',
      { abTest: { ...abTest, arms: [arms[0]!, { ...arms[1]!, version: '1.1.0' }] } },
      'error ArmMissing /abTest/arms',
    ],
    [
      'an arm of a version that is not there',
      { abTest: { ...abTest, arms: [...arms, { name: 'old', version: '9.9.9', share: 0 }] } },
      'error ArmMissing /abTest/arms/2/version',
    ],
    [
      'two arms of one name',
      { abTest: { ...abTest, arms: [...arms, { name: 'control', version: '1.1.0', share: 0 }] } },
      'error ArmTwice /abTest/arms/2/name',
    ],
    [
      'nobody who keeps one version',
      { abTest: { arms, metric: { templates }, duration: '7d' } },
      'warning AssignmentMissing /abTest',
    ],
    [
      'a match that leads to no arm',
      { abTest: { ...abTest, match: [{ all: [{ header: 'a', equals: 'b' }], arm: 'other' }] } },
      'error ArmMissing /abTest/match/0/arm',
    ],
    [
      'a condition on two places',
      matching({ header: 'a', query: 'b' }),
      'error MatchConditionUnclear /abTest/match/0/all/0',
    ],
    [
      'an expression whose time could run away',
      matching({ header: 'a', regex: '(?=b)' }),
      'error InvalidRegex /abTest/match/0/all/0/regex',
    ],
  ])('is told of %s', (_, strategy, finding) => {
    expect(findings(strategy)).toEqual([finding]);
  });
});

describe('a deployment', () => {
  const spec: DeploymentSpec = { model: 'bird-strike', version: '1.0.0' };
  const found = (own: DeploymentSpec['strategy'], ofEnvironment?: DeploymentSpec['strategy']) => {
    const metadata = { name: 'bird-strike', environment: 'production' };
    const deployment = manifestOf<DeploymentSpec>(deploymentKind, metadata, {
      ...spec,
      ...(own === undefined ? {} : { strategy: own }),
    });
    const environment = manifestOf(
      environmentKind,
      { name: 'production' },
      ofEnvironment === undefined ? {} : { strategy: ofEnvironment },
    );
    const related = relatedTo(deploymentKind, deployment, [versionOf('1.0.0'), environment]);
    return deploymentKind.validate?.(deployment, related) ?? [];
  };
  const faulty = { shadow: { analysis: { templates } } };

  it('is told where its own strategy is at fault', () => {
    expect(found(faulty)).toMatchObject([{ code: 'ShadowWithoutEnd', pointer: '/spec/strategy/shadow' }]);
    expect(found({ direct: {} }, faulty)).toEqual([]);
  });

  it('is told where the strategy of its environment is', () => {
    expect(found(undefined, faulty)).toMatchObject([
      {
        code: 'ShadowWithoutEnd',
        pointer: '/metadata/environment',
        message: expect.stringContaining('the strategy of the environment production does not fit here'),
      },
    ]);
  });
});
