import { ourDuration } from '../durations.ts';
import type { Fields } from '../fields.ts';
import type { AnalysisUse, CanaryStep, Strategy } from '../manifest.ts';
import { noEqual, sourceInvalid } from '../report.ts';
import { matchRules } from './match-rules.ts';
import { gatesOf } from './webhooks.ts';

/** Which of Flagger's strategies a canary walks by. */
export type Plan =
  | { readonly type: 'canary'; readonly intervalMs: number }
  | {
      readonly type: 'blueGreen' | 'mirrored' | 'abTest';
      readonly intervalMs: number;
      readonly iterations: number;
    };

const most = 100;

/** Reads what Flagger chooses the strategy by. */
export function planOf(analysis: Fields, isKubernetes: boolean, intervalMs: number): Plan {
  let iterations = analysis.whole('iterations') ?? 0;
  const isMirrored = analysis.flag('mirror') === true && !isKubernetes;
  if (isKubernetes && iterations < 1) {
    iterations = 10;
    const note = 'the provider kubernetes shifts no traffic: it is blue/green of 10 iterations, as there';
    analysis.note('stepWeight', 'changed', note);
    analysis.note('stepWeights', 'changed', note);
    analysis.note('maxWeight', 'changed', note);
  }
  const isMatched = analysis.list('match').length > 0 && !isKubernetes;
  if (isKubernetes)
    analysis.note('match', 'dropped', 'the provider kubernetes leads no requests, there neither');
  if (isMatched && iterations < 1) {
    throw noEqual(
      analysis.at('match'),
      'a growing share of the requests that match has no equal',
      'Add iterations, for an A/B test.',
    );
  }
  if (iterations < 1) return { type: 'canary', intervalMs };
  const type = isMatched ? 'abTest' : isMirrored ? 'mirrored' : 'blueGreen';
  return { type, intervalMs, iterations };
}

/** The strategy, judged by the AnalysisTemplate of that name, if any. */
export function strategyOf(analysis: Fields, plan: Plan, templateName: string | undefined): Strategy {
  const use =
    templateName === undefined ? undefined : { templates: [{ templateName }] as AnalysisUse['templates'] };
  switch (plan.type) {
    case 'canary':
      return canary(analysis, plan.intervalMs, use);
    case 'blueGreen':
      return blueGreen(analysis, use);
    case 'mirrored':
      return mirrored(analysis, plan.iterations * plan.intervalMs, use);
    case 'abTest':
      return abTest(analysis, plan.iterations * plan.intervalMs, use);
  }
}

function canary(analysis: Fields, intervalMs: number, use: AnalysisUse | undefined): Strategy {
  const gates = gatesOf(analysis, {
    'confirm-rollout': true,
    'confirm-traffic-increase': true,
    'confirm-promotion': true,
  });
  const duration = ourDuration(intervalMs).text;
  const steps: CanaryStep[] = [];
  if (gates.beforeTraffic) steps.push({ pause: {} });
  const isMirrored = analysis.flag('mirror') === true;
  analysis.imported('mirror', 'spec.strategy.canary.steps[].setMirror');
  if (isMirrored)
    steps.push(
      { setMirror: { percent: mirrorPercent(analysis, 'canary.steps[].setMirror') } },
      { pause: { duration } },
    );
  for (const weight of weightsOf(analysis)) {
    if (gates.beforeEachWeight) steps.push({ pause: {} });
    steps.push({ setWeight: weight }, { pause: { duration } });
  }
  if (gates.beforePromotion) steps.push({ pause: {} });
  if (steps.length > most) {
    throw noEqual(
      analysis.path,
      `it would be ${steps.length} steps, and a canary has ${most} at most`,
      'Take larger steps.',
    );
  }
  return {
    canary: {
      steps: steps as NonNullable<Strategy['canary']>['steps'],
      ...(use === undefined ? {} : { analysis: use }),
    },
  };
}

/** The weights that the new version is given in turn. */
function weightsOf(analysis: Fields): readonly number[] {
  const to = 'spec.strategy.canary.steps[].setWeight';
  const step = analysis.whole('stepWeight') ?? 0;
  const listed = analysis.list('stepWeights');
  const max = analysis.whole('maxWeight') ?? 0;
  const back = 'the version is not copied to a second place: there is no traffic to shift back';
  analysis.note('stepWeightPromotion', 'elsewhere', back);
  if (listed.length > 0 && step === 0) {
    const weights = listed.map((weight, index) => {
      if (typeof weight !== 'number' || !Number.isInteger(weight) || weight < 1) {
        throw sourceInvalid(`${analysis.at('stepWeights')}[${index}]`, 'it must be a whole percentage');
      }
      return Math.min(100, weight);
    });
    analysis.imported('stepWeights', to);
    analysis.note('maxWeight', 'elsewhere', 'stepWeights say it');
    return weights;
  }
  if (step < 1)
    throw sourceInvalid(analysis.path, 'it has neither stepWeight nor stepWeights nor iterations');
  analysis.imported('stepWeight', to);
  analysis.note('stepWeights', 'elsewhere', 'stepWeight replaces it');
  const last = max > 0 ? Math.min(100, max) : 100;
  analysis.imported('maxWeight', to);
  const weights: number[] = [];
  for (let weight = 0; weight < last; ) {
    weight = Math.min(100, weight + step);
    weights.push(weight);
  }
  return weights;
}

function blueGreen(analysis: Fields, use: AnalysisUse | undefined): Strategy {
  const gates = gatesOf(analysis, { 'confirm-rollout': true, 'confirm-promotion': true });
  const isHeld = gates.beforePromotion || gates.beforeTraffic;
  analysis.imported('iterations', 'spec.metrics[].count');
  if (analysis.flag('mirror') === true) {
    analysis.note('mirror', 'dropped', 'nothing is mirrored by the provider kubernetes, there neither');
  }
  if (use !== undefined) {
    const note =
      'nobody asks the new version before it takes over, but for what you send to its preview path; what then finds no data fails';
    analysis.note('metrics', 'changed', note, 'spec.strategy.blueGreen.prePromotionAnalysis');
  }
  return {
    blueGreen: {
      ...(isHeld ? { autoPromotion: false } : {}),
      ...(use === undefined ? {} : { prePromotionAnalysis: use }),
    },
  };
}

/** Blue/green that is mirrored to first is what we call a shadow. */
function mirrored(analysis: Fields, milliseconds: number, use: AnalysisUse | undefined): Strategy {
  const duration = ourDuration(milliseconds).text;
  const gates = gatesOf(analysis, { 'confirm-rollout': true, 'confirm-promotion': true });
  const isGated = gates.beforeTraffic || gates.beforePromotion;
  const to = isGated ? 'spec.strategy.canary.steps[].pause.duration' : 'spec.strategy.shadow.duration';
  analysis.note('iterations', 'imported', `so many intervals are ${duration}`, to);
  analysis.imported('mirror', isGated ? 'spec.strategy.canary.steps[].setMirror' : 'spec.strategy.shadow');
  const percent = mirrorPercent(analysis, isGated ? 'canary.steps[].setMirror' : 'shadow.percent');
  if (!isGated) return { shadow: { percent, duration, ...(use === undefined ? {} : { analysis: use }) } };
  return {
    canary: {
      steps: [
        ...(gates.beforeTraffic ? [{ pause: {} }] : []),
        { setMirror: { percent } },
        { pause: { duration } },
        ...(gates.beforePromotion ? [{ pause: {} }] : []),
      ] as NonNullable<Strategy['canary']>['steps'],
      ...(use === undefined ? {} : { analysis: use }),
    },
  };
}

function abTest(analysis: Fields, milliseconds: number, use: AnalysisUse | undefined): Strategy {
  if (use === undefined) {
    throw noEqual(analysis.path, 'an A/B test that no metric judges has no equal', 'Add a metric.');
  }
  gatesOf(analysis, {});
  const duration = ourDuration(milliseconds).text;
  analysis.note(
    'iterations',
    'imported',
    `so many intervals are ${duration}`,
    'spec.strategy.abTest.duration',
  );
  if (analysis.flag('mirror') === true) {
    analysis.note('mirror', 'dropped', 'an A/B test mirrors nothing, there neither');
  }
  return {
    abTest: {
      arms: [
        { name: 'primary', version: 'stable', share: 100 },
        { name: 'canary', version: 'candidate', share: 0 },
      ],
      match: [...matchRules(analysis, 'canary')],
      metric: use,
      stopRule: 'fixed',
      duration,
    },
  };
}

function mirrorPercent(analysis: Fields, to: string): number {
  const weight = analysis.whole('mirrorWeight') ?? 0;
  analysis.imported('mirrorWeight', `spec.strategy.${to}`);
  return weight > 0 ? Math.min(100, weight) : 100;
}
