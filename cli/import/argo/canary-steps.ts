import { goDuration, ourDuration } from '../durations.ts';
import type { Fields } from '../fields.ts';
import type { CanaryStep } from '../manifest.ts';
import { noEqual, sourceInvalid } from '../report.ts';
import { analysisUse, type UseContext } from './analysis-use.ts';

export interface Steps {
  readonly steps: readonly CanaryStep[];
  /** Where each step of theirs begins in ours. */
  readonly begins: readonly number[];
}

const pods = 'how many pods run is not a step: a version is loaded by every inference process';

/** The steps of a canary, in turn.  */
export function canarySteps(canary: Fields, mostWeight: number, context: UseContext): Steps {
  const steps: CanaryStep[] = [];
  const begins: number[] = [];
  let weight = 0;
  for (const step of canary.maps('steps')) {
    begins.push(steps.length);
    const names = step.names();
    if (names.length === 0 || names.filter((name) => walking.has(name)).length > 1) {
      throw sourceInvalid(step.path, 'a step does one thing');
    }
    for (const name of names) {
      const made = stepOf(
        step,
        name,
        `spec.strategy.canary.steps[${steps.length}]`,
        weight,
        mostWeight,
        context,
      );
      if (made?.setWeight !== undefined) weight = made.setWeight;
      if (made !== undefined) steps.push(made);
    }
    step.finish();
  }
  return { steps, begins };
}

/** What a step does one of; what is said of pods and routes may stand beside it. */
const walking = new Set(['setWeight', 'pause', 'analysis', 'experiment', 'plugin']);

function stepOf(
  step: Fields,
  name: string,
  to: string,
  weight: number,
  mostWeight: number,
  context: UseContext,
): CanaryStep | undefined {
  switch (name) {
    case 'setWeight':
      return { setWeight: weightOf(step, to, mostWeight) };
    case 'pause':
      return { pause: pauseOf(step.demandMap(name), `${to}.pause`) };
    case 'analysis': {
      const analysis = step.demandMap(name);
      const use = analysisUse(analysis, `${to}.analysis`, context);
      analysis.finish();
      return { analysis: use };
    }
    case 'setMirrorRoute':
      return mirrorOf(step, to, weight);
    case 'setCanaryScale':
    case 'replicaProgressThreshold':
      step.note(name, 'elsewhere', pods);
      return undefined;
    case 'setHeaderRoute':
      step.note(
        name,
        'dropped',
        'headers lead no request in a canary: `match` of the strategy abTest does that',
      );
      return undefined;
    case 'experiment':
      throw noEqual(
        step.at(name),
        'an experiment that starts pods of its own beside the rollout has no equal',
        'Compare `result.candidate` with `result.stable` in an analysis step, or mirror first (setMirror).',
      );
    case 'plugin':
      return pluginOf(step);
    default:
      throw noEqual(step.at(name), `a step ${name} has no equal`);
  }
}

function weightOf(step: Fields, to: string, mostWeight: number): number {
  const written = step.whole('setWeight') ?? 0;
  const weight = (written * 100) / mostWeight;
  if (!Number.isInteger(weight)) {
    throw noEqual(step.at('setWeight'), `${written} of ${mostWeight} is no whole percentage`);
  }
  if (weight < 0 || weight > 100) {
    throw sourceInvalid(step.at('setWeight'), `${written} is not between 0 and ${mostWeight}`);
  }
  if (weight === written) step.imported('setWeight', `${to}.setWeight`);
  else step.note('setWeight', 'changed', `${written} of ${mostWeight} is ${weight} %`, `${to}.setWeight`);
  return weight;
}

/** Numbers are seconds. */
function pauseOf(pause: Fields, to: string): { duration?: string } {
  const written = pause.written('duration');
  pause.finish();
  if (written === undefined) return {};
  const milliseconds = /^\d+$/.test(written) ? Number(written) * 1_000 : goDuration(written);
  if (milliseconds === undefined) throw sourceInvalid(pause.at('duration'), `"${written}" is no duration`);
  const { text } = ourDuration(milliseconds);
  pause.note('duration', 'imported', text === written ? undefined : `it is ${text}`, `${to}.duration`);
  return { duration: text };
}

function mirrorOf(step: Fields, to: string, weight: number): CanaryStep | undefined {
  const route = step.demandMap('setMirrorRoute');
  route.text('name');
  if (weight > 0) {
    step.note('setMirrorRoute', 'dropped', 'a version that answers requests cannot be mirrored to as well');
    route.finish('dropped', 'nothing is mirrored here');
    return undefined;
  }
  const place = `${to}.setMirror.percent`;
  const percent = route.whole('percentage');
  if (percent === undefined && !route.has('match')) {
    step.note('setMirrorRoute', 'imported', 'a route without matches ends mirroring', place);
    return { setMirror: { percent: 0 } };
  }
  route.note('match', 'changed', 'the percentage is of all requests, not of those that match');
  route.note('percentage', 'imported', undefined, place);
  route.finish();
  if (percent === undefined) step.note('setMirrorRoute', 'imported', 'all requests are mirrored', place);
  return { setMirror: { percent: percent ?? 100 } };
}

function pluginOf(step: Fields): undefined {
  const plugin = step.demandMap('plugin');
  const name = plugin.text('name') ?? '';
  if (plugin.flag('disabled') !== true) {
    throw noEqual(step.at('plugin'), `a step of the plugin ${name} has no equal`);
  }
  step.note('plugin', 'dropped', 'it is disabled');
  plugin.finish('dropped', 'the step is disabled');
  return undefined;
}
