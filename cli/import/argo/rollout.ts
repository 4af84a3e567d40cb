import { ourDuration } from '../durations.ts';
import { Fields } from '../fields.ts';
import type { MadeWalk, Strategy } from '../manifest.ts';
import { type FieldReport, noEqual, sourceInvalid } from '../report.ts';
import type { Source } from '../source.ts';
import { analysisUse, type UseContext } from './analysis-use.ts';
import { canarySteps } from './canary-steps.ts';
import { metadataName } from './metadata.ts';

const pods = 'it is about pods: a version is loaded by every inference process';
const routing = 'the data plane routes by itself: there are no services, no routes and no meshes to name';

/** The way that a Rollout walks. Throws a refusal. */
export function importRollout(source: Source, all: readonly Source[], notes: FieldReport[]): MadeWalk {
  const document = new Fields(source.value, '', notes);
  const name = metadataName(document, source, 'metadata.name');
  const spec = document.demandMap('spec');
  const containers = 'what runs is a version of a model: `model` and `version` of the Deployment name it';
  spec.noteAll(['replicas', 'selector', 'template', 'workloadRef'], 'elsewhere', containers);
  spec.note('minReadySeconds', 'elsewhere', 'a version is ready when it has answered its golden examples');
  spec.noteAll(
    ['revisionHistoryLimit', 'restartAt', 'analysis'],
    'elsewhere',
    'it is about objects in Kubernetes',
  );
  spec.note(
    'rollbackWindow',
    'changed',
    'going back to a version that answered before takes no walk, however old it is',
  );
  if (spec.flag('paused') === true) {
    spec.note('paused', 'dropped', 'the annotation switchyard/suspend: "true" keeps hands off a deployment');
  }
  const progressDeadline = deadlineOf(spec);
  const walk = strategyOf(spec.demandMap('strategy'), { document: source.value, all });
  spec.finish();
  document.finish();
  return {
    kind: 'Deployment',
    name,
    spec: { ...walk, ...(progressDeadline === undefined ? {} : { progressDeadline }) },
  };
}

type Walk = Pick<MadeWalk['spec'], 'strategy' | 'keepWarm'>;

function deadlineOf(spec: Fields): string | undefined {
  const seconds = spec.whole('progressDeadlineSeconds');
  const isAborting = spec.flag('progressDeadlineAbort') === true;
  spec.note(
    'progressDeadlineAbort',
    isAborting ? 'imported' : 'changed',
    isAborting ? undefined : 'traffic goes back when the deadline is over',
    'spec.progressDeadline',
  );
  if (seconds === undefined) return undefined;
  const note = isAborting ? undefined : 'when it is over traffic goes back; there the rollout stood still';
  spec.note('progressDeadlineSeconds', isAborting ? 'imported' : 'changed', note, 'spec.progressDeadline');
  return ourDuration(seconds * 1_000).text;
}

function strategyOf(strategy: Fields, context: UseContext): Walk {
  const canary = strategy.map('canary');
  const blueGreen = strategy.map('blueGreen');
  strategy.finish();
  if (canary !== undefined && blueGreen === undefined) return canaryOf(canary, context);
  if (blueGreen !== undefined && canary === undefined) return blueGreenOf(blueGreen, context);
  throw sourceInvalid(strategy.path, 'it must have one of canary and blueGreen');
}

function canaryOf(canary: Fields, context: UseContext): Walk {
  canary.noteAll(['canaryService', 'stableService', 'pingPong'], 'elsewhere', routing);
  canary.noteAll(
    [
      ...['maxUnavailable', 'maxSurge', 'antiAffinity', 'canaryMetadata', 'stableMetadata'],
      ...[
        'dynamicStableScale',
        'minPodsPerReplicaSet',
        'replicaProgressThreshold',
        'scaleDownDelayRevisionLimit',
      ],
    ],
    'elsewhere',
    pods,
  );
  canary.note('abortScaleDownDelaySeconds', 'elsewhere', pods);
  const trafficRouting = canary.map('trafficRouting');
  const mostWeight = trafficRouting?.whole('maxTrafficWeight') ?? 100;
  trafficRouting?.note(
    'maxTrafficWeight',
    'imported',
    'weights are percentages',
    'spec.strategy.canary.steps',
  );
  trafficRouting?.finish('elsewhere', routing);
  const keepWarm = secondsOf(canary, 'scaleDownDelaySeconds', 'spec.keepWarm');
  const { steps, begins } = canarySteps(canary, mostWeight, context);
  const analysis = backgroundOf(canary, begins, steps.length, context);
  canary.finish();
  if (steps.length === 0 && analysis !== undefined) {
    throw noEqual(
      canary.at('analysis'),
      'an analysis beside the replacement of pods has no equal: without steps there is nothing it could stop',
      'Give the canary steps: a weight, a pause, the next weight.',
    );
  }
  const strategy: Strategy =
    steps.length === 0
      ? { direct: {} }
      : { canary: { steps: [...steps], ...(analysis === undefined ? {} : { analysis }) } };
  if (steps.length === 0) {
    canary.note('steps', 'elsewhere', 'none of them moves traffic: it moves at once (direct)');
  }
  return { strategy, ...(keepWarm === undefined ? {} : { keepWarm }) };
}

type Background = NonNullable<NonNullable<Strategy['canary']>['analysis']>;

function backgroundOf(
  canary: Fields,
  begins: readonly number[],
  steps: number,
  context: UseContext,
): Background | undefined {
  const analysis = canary.map('analysis');
  if (analysis === undefined) return undefined;
  const to = 'spec.strategy.canary.analysis';
  const use = analysisUse(analysis, to, context);
  const written = analysis.whole('startingStep');
  const startingStep = written === undefined ? undefined : (begins[written] ?? steps);
  if (startingStep !== undefined && startingStep === written) {
    analysis.imported('startingStep', `${to}.startingStep`);
  } else {
    const note = `it is ${startingStep}: steps that have no equal are not counted`;
    analysis.note('startingStep', 'changed', note, `${to}.startingStep`);
  }
  analysis.finish();
  return { ...use, ...(startingStep === undefined ? {} : { startingStep }) };
}

function blueGreenOf(blueGreen: Fields, context: UseContext): Walk {
  const to = 'spec.strategy.blueGreen';
  blueGreen.note('activeService', 'elsewhere', routing);
  blueGreen.note(
    'previewService',
    'elsewhere',
    'the new version is asked below previewPath: `/v2/models/<name>/versions/preview/infer`',
  );
  blueGreen.noteAll(
    [
      ...['previewReplicaCount', 'maxUnavailable', 'antiAffinity', 'previewMetadata', 'activeMetadata'],
      ...['scaleDownDelayRevisionLimit', 'abortScaleDownDelaySeconds'],
    ],
    'elsewhere',
    pods,
  );
  let autoPromotion = blueGreen.flag('autoPromotionEnabled');
  blueGreen.imported('autoPromotionEnabled', `${to}.autoPromotion`);
  const seconds = blueGreen.whole('autoPromotionSeconds') ?? 0;
  if (seconds > 0) {
    autoPromotion = false;
    const note = `a human promotes: nothing promotes by itself after ${seconds} s`;
    blueGreen.note('autoPromotionSeconds', 'changed', note, `${to}.autoPromotion`);
  } else blueGreen.imported('autoPromotionSeconds', `${to}.autoPromotion`);
  const scaleDownDelay = secondsOf(blueGreen, 'scaleDownDelaySeconds', `${to}.scaleDownDelay`);
  const analyses: Pick<
    NonNullable<Strategy['blueGreen']>,
    'prePromotionAnalysis' | 'postPromotionAnalysis'
  > = {};
  for (const name of ['prePromotionAnalysis', 'postPromotionAnalysis'] as const) {
    const analysis = blueGreen.map(name);
    if (analysis === undefined) continue;
    analyses[name] = analysisUse(analysis, `${to}.${name}`, context);
    analysis.finish();
  }
  blueGreen.finish();
  return {
    strategy: {
      blueGreen: {
        ...(autoPromotion === undefined ? {} : { autoPromotion }),
        ...analyses,
        ...(scaleDownDelay === undefined ? {} : { scaleDownDelay }),
      },
    },
  };
}

function secondsOf(fields: Fields, name: string, to: string): string | undefined {
  const seconds = fields.whole(name);
  if (seconds === undefined) return undefined;
  fields.imported(name, to);
  return ourDuration(seconds * 1_000).text;
}
