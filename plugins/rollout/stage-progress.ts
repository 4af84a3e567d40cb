import type { Verdict } from './analysis/analysis-run.ts';
import {
  type AnalysisStage,
  analysesIn,
  type Course,
  type PauseStage,
  sharesAt,
  variantsOf,
  type WatchStage,
} from './course.ts';
import { shareMismatchOf } from './share-mismatch.ts';
import type { AnalysisOrder, Observation } from './strategy.ts';
import type { Walk } from './walk-state.ts';

/** What a stage has come to. */
export type Progress =
  | { readonly to: 'next' }
  | { readonly to: 'back'; readonly reason: string; readonly message: string; readonly analysis?: string }
  | Wait;

export interface Wait {
  readonly to: 'wait';
  readonly for: 'traffic' | 'time' | 'requests' | 'analysis' | 'human' | 'source';
  /** Stable PascalCase, where it holds for a reason that somebody should know. */
  readonly reason?: string;
  readonly message: string;
  /** When the time is over, where it is time that is waited for. */
  readonly until?: number;
  /** Whether nobody meant it to wait: then a deadline runs. */
  readonly isStuck?: boolean;
}

interface Place {
  readonly course: Course;
  readonly walk: Walk;
  readonly stable: string;
  readonly seen: Observation;
}

/** Looks at the stage that a walk is in. Pure. */
export function stageProgress(place: Place): Progress {
  const { course, walk } = place;
  const failure = failureOf(place);
  if (failure !== undefined) return failure;
  const stage = course.stages[walk.stage];
  if (stage === undefined) return { to: 'next' };
  // Time in which traffic is not where the stage puts it shows nothing.
  if (!isApplied(place)) {
    const isStuck = place.seen.processes.ready > 0;
    return { to: 'wait', for: 'traffic', message: 'traffic is being moved', isStuck };
  }
  const background = backgroundWait(place);
  if (background !== undefined) return background;
  switch (stage.type) {
    case 'traffic':
      return { to: 'next' };
    case 'pause':
      return pauseProgress(place, stage);
    case 'analysis':
      return analysisProgress(place, stage);
    case 'watch':
      return watchProgress(place, stage);
  }
}

/** The analyses that should run now. */
export function ordersOf({ course, walk, stable, seen }: Place): readonly AnalysisOrder[] {
  const orders: AnalysisOrder[] = [];
  const about = { candidate: walk.version, stable, analyses: analysesIn(course) };
  const { background } = course;
  if (background !== undefined && walk.isBackgroundOff !== true && walk.stage >= background.from) {
    const { from: _, ...spec } = background;
    orders.push({
      ...specOf(spec),
      ...about,
      key: keyOf(walk, 'background'),
      since: walk.startedAt,
    });
  }
  const stage = course.stages[walk.stage];
  if (stage?.type === 'analysis') {
    const key = keyOf(walk, stageKey(walk));
    orders.push({ ...specOf(stage.analysis), ...about, key, since: walk.stageSince });
  }
  if (stage?.type === 'watch' && stage.analysis !== undefined) {
    const isOver = isWatched(stage, walk, seen);
    const key = keyOf(walk, stageKey(walk));
    // A fixed horizon is looked at once, when it is over.
    if (stage.judge !== 'end' || isOver) {
      const endsWhenTold = stage.judge === 'early' ? { endsWhenTold: true } : {};
      const order = { ...specOf(stage.analysis), ...about, ...endsWhenTold, key, since: walk.stageSince };
      orders.push(isOver ? { ...order, conclude: 'withLastLook' } : order);
    }
  }
  return orders;
}

function specOf({ templates, args }: Pick<AnalysisOrder, 'templates' | 'args'>) {
  return { templates, ...(args === undefined ? {} : { args }) };
}

function stageKey({ stage }: Walk): string {
  return `step-${stage + 1}`;
}

/** Another attempt is another run, and so is another rollout. */
function keyOf({ version, startedAt, attempt }: Walk, name: string): string {
  return `${version}/${startedAt}/${name}${attempt === 0 ? '' : `/${attempt + 1}`}`;
}

export function verdictOf({ walk, seen }: Pick<Place, 'walk' | 'seen'>, name: string): Verdict | undefined {
  return seen.analyses[keyOf(walk, name)];
}

function isApplied({ course, walk, stable, seen }: Place): boolean {
  const way = { deployment: seen.deployment, stable, candidate: walk.version };
  const wanted = variantsOf(sharesAt(course, walk.stage), way);
  return seen.processes.ready > 0 && JSON.stringify(seen.answering) === JSON.stringify(wanted);
}

/** A failed analysis sends traffic back whatever is waited for, but where only the end counts. */
function failureOf({ course, walk, seen }: Place): Progress | undefined {
  const stage = course.stages[walk.stage];
  const names = walk.isBackgroundOff === true ? [] : ['background'];
  if (stage?.type === 'analysis' || (stage?.type === 'watch' && stage.analysis !== undefined)) {
    names.push(stageKey(walk));
  }
  for (const name of names) {
    const verdict = verdictOf({ walk, seen }, name);
    if (verdict?.outcome !== 'Failed') continue;
    return { to: 'back', reason: 'AnalysisFailed', message: verdict.message, analysis: keyOf(walk, name) };
  }
  return undefined;
}

function backgroundWait({ walk, seen }: Place): Wait | undefined {
  if (walk.isBackgroundOff === true) return undefined;
  const verdict = verdictOf({ walk, seen }, 'background');
  return verdict === undefined ? undefined : undecided(verdict);
}

function pauseProgress({ walk, seen }: Place, { forMs }: PauseStage): Progress {
  if (forMs === undefined) {
    return { to: 'wait', for: 'human', reason: 'Paused', message: 'it waits for a human to promote it' };
  }
  const until = walk.stageSince + forMs;
  if (seen.now >= until) return { to: 'next' };
  return { to: 'wait', for: 'time', message: `it pauses until ${timeOf(until)}`, until };
}

function analysisProgress({ walk, seen }: Place, _: AnalysisStage): Progress {
  const verdict = verdictOf({ walk, seen }, stageKey(walk));
  if (verdict?.outcome === 'Successful') return { to: 'next' };
  const message = verdict === undefined ? 'its analysis begins' : verdict.message;
  return (verdict && undecided(verdict)) ?? { to: 'wait', for: 'analysis', message };
}

function watchProgress(place: Place, stage: WatchStage): Progress {
  const { walk, seen } = place;
  const verdict = verdictOf({ walk, seen }, stageKey(walk));
  const mismatch = stage.checksShares === true ? shareMismatch(place) : undefined;
  if (mismatch !== undefined) {
    return { to: 'wait', for: 'human', reason: 'AnalysisInconclusive', message: mismatch };
  }
  if (stage.judge === 'early' && verdict?.outcome === 'Successful') return { to: 'next' };
  if (!isWatched(stage, walk, seen)) {
    const held = stage.judge === 'end' ? undefined : verdict && undecided(verdict);
    return held ?? watching(stage, walk, seen);
  }
  if (stage.analysis === undefined) return { to: 'next' };
  if (verdict?.outcome === 'Successful') return { to: 'next' };
  const message = verdict === undefined ? 'its analysis begins' : verdict.message;
  return (verdict && undecided(verdict)) ?? { to: 'wait', for: 'analysis', message };
}

function shareMismatch({ course, walk, stable, seen }: Place): string | undefined {
  const way = { deployment: seen.deployment, stable, candidate: walk.version };
  return shareMismatchOf(variantsOf(sharesAt(course, walk.stage), way), seen.arms);
}

function watching({ forMs = 0, requests = 0 }: WatchStage, walk: Walk, seen: Observation): Wait {
  const until = walk.stageSince + forMs;
  if (seen.now < until) {
    return {
      to: 'wait',
      for: 'time',
      message: `it is watched until ${timeOf(until)}`,
      until,
    };
  }
  const message = `it is watched until it has seen ${requests} requests`;
  return { to: 'wait', for: 'requests', message };
}

function isWatched({ forMs = 0, requests = 0 }: WatchStage, walk: Walk, seen: Observation): boolean {
  return seen.now >= walk.stageSince + forMs && (walk.requests?.seen ?? 0) >= requests;
}

/** What holds: an error of the source until it passes or the deadline is over, an open question until a human decides. */
function undecided({ outcome, message }: Verdict): Wait | undefined {
  if (outcome === 'Error') {
    return { to: 'wait', for: 'source', reason: 'AnalysisError', message, isStuck: true };
  }
  if (outcome === 'Inconclusive' || outcome === 'Aborted') {
    return { to: 'wait', for: 'human', reason: 'AnalysisInconclusive', message };
  }
  return undefined;
}

function timeOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
