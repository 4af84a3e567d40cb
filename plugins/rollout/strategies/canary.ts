import { parseByteSize } from '../../../libraries/byte-size/index.ts';
import { parseDuration } from '../../../libraries/duration/index.ts';
import { type Course, mirrored, type Stage, type StrategySpec, split } from '../course.ts';
import { keySource, saltOf } from '../sticky.ts';

type Canary = NonNullable<StrategySpec['canary']>;
type Step = Canary['steps'][number];

/** A growing share of traffic, step by step: each step of the manifest is a stage. */
export function canary({ steps, analysis, assignment, maxSurge }: Canary): Course {
  return {
    name: 'canary',
    stages: steps.map(stageOf),
    ...(analysis === undefined ? {} : { background: { ...analysis, from: analysis.startingStep ?? 0 } }),
    ...(assignment === undefined
      ? {}
      : { rules: (way) => ({ sticky: { by: keySource(assignment), salt: saltOf(way) } }) }),
    ...(maxSurge === undefined ? {} : { maxSurge: parseByteSize(maxSurge) }),
  };
}

function stageOf({ setWeight, pause, analysis, setMirror }: Step): Stage {
  if (analysis !== undefined) return { type: 'analysis', analysis };
  if (setMirror !== undefined) return { type: 'traffic', shares: mirrored(setMirror.percent) };
  if (setWeight !== undefined) return { type: 'traffic', shares: split(setWeight) };
  if (pause?.duration !== undefined) return { type: 'pause', forMs: parseDuration(pause.duration) };
  return { type: 'pause' };
}
