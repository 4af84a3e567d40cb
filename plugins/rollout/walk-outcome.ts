/** What a walk says of itself: conditions in words. */
import { type Outcome, ready, stalled, waiting } from '../../core/plugin.ts';
import { type Course, sharesAt } from './course.ts';
import type { Wait } from './stage-progress.ts';
import type { Decision, Observation, RolloutState, StableVersion } from './strategy.ts';
import type { Aborted, Walk } from './walk-state.ts';

/** The runtime wakes the deployment on every change; this is for the wake that got lost. */
const lookAgainAfter = 5_000;

interface Walking {
  readonly course: Course;
  readonly walk: Walk;
  readonly stable: string;
  readonly seen: Observation;
  readonly wait: Wait;
}

/** A walk under way: Progressing with its step, and Degraded where it stands still without anybody wanting it. */
export function walking({ course, walk, stable, seen, wait }: Walking): Outcome {
  const place = `${course.name} step ${Math.min(walk.stage + 1, course.stages.length)} of ${course.stages.length}`;
  const message = `${place}, ${walk.version} ${shareOf(course, walk)}: ${wait.message}`;
  const isPaused = wait.for === 'human';
  const progressing = { reason: isPaused ? 'Paused' : 'RollingOut', message };
  const { reason } = wait;
  const isOpen = reason === 'AnalysisError' || reason === 'AnalysisInconclusive';
  const more = {
    progressing,
    checkAfter: checkAfter(wait, seen),
    ...(isOpen ? { degraded: { reason, message } } : {}),
  };
  if (seen.processes.ready === 0 && seen.answering === undefined) {
    return waiting('Switching', message, more);
  }
  return ready('Serving', `${stable} answers while ${walk.version} is tried`, more);
}

function checkAfter({ until }: Wait, { now }: Observation): number {
  return until === undefined ? lookAgainAfter : Math.min(lookAgainAfter, Math.max(0, until - now));
}

/** `answers 10 %`, `sees 20 %`, `waits`. */
export function shareOf(course: Course, { stage }: Pick<Walk, 'stage'>): string {
  const share = sharesAt(course, stage).find(({ of }) => of === 'candidate');
  if (share === undefined) return 'answers nothing yet';
  return share.role === 'shadow' ? `sees ${share.weight} %` : `answers ${share.weight} %`;
}

/** Given up: stable answers, and a human decides what comes next. */
export function heldBack(seen: Observation, stable: string | undefined, aborted: Aborted): Outcome {
  const where = aborted.step === 0 ? '' : ` in step ${aborted.step} of ${aborted.steps}`;
  const why = `${aborted.version} was rolled back${where}: ${aborted.message}`;
  const reason = aborted.reason === 'ProgressDeadlineExceeded' ? aborted.reason : 'RolledBack';
  if (stable === undefined) return stalled(reason, why, { degraded: { reason, message: why } });
  const message = `${stable} answers; ${why}`;
  const isBack = seen.answering?.length === 1 && seen.answering[0]?.version === stable;
  return stalled(reason, message, {
    degraded: { reason, message },
    ...(isBack ? {} : { progressing: { reason: 'RollingBack', message: `traffic goes back to ${stable}` } }),
    ...(isBack ? {} : { checkAfter: lookAgainAfter }),
  });
}

/** The version alone is more than may be held beside stable. */
export function tooLarge(
  { maxSurge = 0 }: Course,
  state: RolloutState,
  seen: Observation,
  stable: StableVersion,
): Decision {
  const size = seen.artifacts[seen.target]?.size ?? 0;
  const message = `${seen.target} has ${size} bytes and maxSurge allows ${maxSurge}; ${stable.version} goes on answering`;
  return {
    hold: [stable.version],
    variants: [{ version: stable.version, role: 'stable', weight: 100 }],
    commit: stable.commit,
    state: { ...state, warm: [] },
    events: [],
    outcome: stalled('SurgeExceeded', message, { degraded: { reason: 'RolloutRefused', message } }),
  };
}
