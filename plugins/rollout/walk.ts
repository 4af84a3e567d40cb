import { createHash } from 'node:crypto';
import type { VersionState } from '../../core/capabilities/serving-runtime.ts';
import { formatDuration } from '../../libraries/duration/index.ts';
import { type Course, sharesAt, variantsOf, type Way } from './course.ts';
import { isReturn } from './lineage.ts';
import { tooManyLost, withLosses } from './lost-processes.ts';
import { setAside, withoutDecided } from './rollback/undecided.ts';
import { ordersOf, stageProgress, type Wait } from './stage-progress.ts';
import { direct } from './strategies/direct.ts';
import type {
  Decision,
  Observation,
  RolloutEvent,
  RolloutState,
  StableVersion,
  Strategy,
} from './strategy.ts';
import { heldBack, tooLarge, walking } from './walk-outcome.ts';
import type { Aborted, Walk } from './walk-state.ts';
import { roomFor, stillWarm } from './warm-versions.ts';

/**
 * Walks a course: the new version is loaded beside the old one, the stages follow one another, and at the end all traffic
 * moves. Whatever goes wrong sends it back to the old version, which has stayed loaded. Where there is nothing to walk from
 * (a first deployment) or nothing new to walk to (stable itself, a return to what answered before), traffic moves directly.
 */
export function walker(course: Course): Strategy {
  const digest = createHash('sha256').update(JSON.stringify(course)).digest('hex').slice(0, 16);
  return {
    name: course.name,
    step: (state, seen) => resting(course, step({ course, digest }, state, seen)),
  };
}

interface Given {
  readonly course: Course;
  /** Of the course. */
  readonly digest: string;
}

/** Another name of the version goes on to mean what answers alone. */
function resting({ restRules }: Course, decision: Decision): Decision {
  const [only, ...others] = decision.variants;
  if (decision.rules !== undefined || only === undefined || others.length > 0 || restRules === undefined) {
    return decision;
  }
  return { ...decision, rules: restRules(only.version) };
}

function step(given: Given, known: RolloutState, seen: Observation): Decision {
  const before = withoutDecided(known, seen);
  const target = seen.artifacts[seen.target]?.digest;
  const stable = before.stable && seen.present.has(before.stable.version) ? before.stable : undefined;
  if (before.stable?.version === seen.target)
    return direct.step(setAside(without(before, 'walk'), seen), seen);
  if (before.aborted !== undefined && isSame(before.aborted, seen)) {
    return goBack(without(before, 'walk', 'switchingTo'), seen, stable, before.aborted);
  }
  const state = setAside(before, seen);
  if (stable === undefined || seen.refusal !== undefined || target === undefined) {
    return direct.step(without(state, 'walk'), seen);
  }
  if (given.course.stages.length === 0 || isReturn(state, target)) {
    return direct.step(without(state, 'walk'), seen);
  }
  return walkOn(given, state, seen, stable, target);
}

/** Whether what was given up is what is declared. */
function isSame({ version, digest }: Aborted, seen: Observation): boolean {
  const artifact = seen.artifacts[seen.target];
  return artifact === undefined ? version === seen.target : artifact.digest === digest;
}

function walkOn(
  { course, digest }: Given,
  state: RolloutState,
  seen: Observation,
  stable: StableVersion,
  target: string,
): Decision {
  const events: RolloutEvent[] = [];
  let walk = state.walk;
  if (
    walk === undefined ||
    walk.digest !== target ||
    walk.version !== seen.target ||
    walk.course !== digest
  ) {
    if (walk !== undefined) events.push({ type: 'superseded', version: walk.version, by: seen.target });
    const { now, commit } = seen;
    walk = {
      strategy: course.name,
      course: digest,
      version: seen.target,
      digest: target,
      commit,
      startedAt: now,
      isBegun: false,
      stage: 0,
      stageSince: now,
      attempt: 0,
    };
  }
  const way: Way = { deployment: seen.deployment, stable: stable.version, candidate: seen.target };
  const room = roomFor(course, state, seen);
  if (room === undefined) return tooLarge(course, without(state, 'walk'), seen, stable);
  for (const { version } of state.warm) {
    if (version !== seen.target && !room.some((one) => one.version === version)) {
      events.push({ type: 'released', version });
    }
  }
  const current: RolloutState = { ...without(state, 'switchingTo'), warm: room };

  const failed = failedAmong([seen.target, ...(course.also ?? [])], seen);
  if (failed !== undefined && (walk.isBegun || failed !== seen.target)) {
    const message = `${failed} fails: ${seen.versions[failed]?.message}`;
    return abort(course, current, seen, stable, walk, { reason: 'CandidateFailed', message }, events);
  }
  const losses = withLosses(walk, seen, stable.version);
  walk = losses.walk;
  events.push(...losses.events);
  const lost = tooManyLost(walk, seen);
  if (lost !== undefined) {
    return abort(course, current, seen, stable, walk, { reason: 'ProcessesLost', message: lost }, events);
  }
  if (!walk.isBegun && !isReady(course, seen)) return load(course, { ...current, walk }, seen, walk, events);
  if (!walk.isBegun) {
    walk = { ...walk, isBegun: true, stageSince: seen.now };
    const steps = course.stages.length;
    events.push({ type: 'started', from: stable.version, to: seen.target, strategy: course.name, steps });
  }
  return follow({ course, state: current, seen, stable, way, events }, walk);
}

function failedAmong(versions: readonly string[], seen: Observation): string | undefined {
  return versions.find((version) => {
    const state = seen.versions[version];
    if (state === undefined) return false;
    return (state.phase === 'failed' && !state.retryable) || unfitFor.has(state.reason);
  });
}

/** What is overcome each time and yet no version on trial is forgiven: runs that do not end, threads that end under it. */
const unfitFor: ReadonlySet<string> = new Set(['RunStuck', 'WorkerLost']);

/** Whether all that must be loaded is. */
function isReady({ also = [] }: Course, { versions, target }: Observation): boolean {
  return [target, ...also].every((version) => versions[version]?.phase === 'ready');
}

/** Loads as the direct strategy does, which must not switch while another arm is missing. */
function load(
  { also = [] }: Course,
  state: RolloutState,
  seen: Observation,
  walk: Walk,
  events: readonly RolloutEvent[],
): Decision {
  const missing = also.find((version) => seen.versions[version]?.phase !== 'ready');
  const loading = {
    phase: 'loading',
    reason: 'Loading',
    message: `${missing} is being loaded`,
    retryable: true,
  };
  const isWaiting = missing !== undefined && seen.versions[seen.target]?.phase === 'ready';
  const versions = isWaiting ? { ...seen.versions, [seen.target]: loading as VersionState } : seen.versions;
  const decision = late(direct.step(state, { ...seen, versions }), walk, seen);
  const hold = [...new Set([...decision.hold, ...also])].sort();
  return { ...decision, hold, events: [...events, ...decision.events] };
}

/** Loading is tried for as long as it takes, but after the deadline it shows. */
function late(decision: Decision, walk: Walk, seen: Observation): Decision {
  if (seen.now - walk.startedAt < seen.progressDeadline || decision.outcome.degraded !== undefined)
    return decision;
  const message = `${walk.version} is not loaded after ${formatDuration(seen.progressDeadline)}`;
  const degraded = { reason: 'ProgressDeadlineExceeded', message };
  return { ...decision, outcome: { ...decision.outcome, degraded } };
}

interface Following {
  readonly course: Course;
  readonly state: RolloutState;
  readonly seen: Observation;
  readonly stable: StableVersion;
  readonly way: Way;
  readonly events: RolloutEvent[];
}

/** From stage to stage, as far as what is seen allows: none is left out, as each ends only by what was seen in it. */
function follow(following: Following, begun: Walk): Decision {
  const { course, state, seen, stable, way, events } = following;
  let walk = anchored(begun, seen);
  for (;;) {
    walk = counted(course, walk, seen);
    const progress = stageProgress({ course, walk, stable: stable.version, seen });
    if (progress.to === 'back') return abort(course, state, seen, stable, walk, progress, events);
    if (progress.to === 'wait') return wait(following, walk, progress);
    if (walk.paused !== undefined) return wait(following, walk, pausedBy(walk));
    if (walk.stage >= course.stages.length) break;
    walk = nextStage(walk, seen.now);
    if (walk.stage < course.stages.length) events.push(stepped(course, walk));
  }
  const decision = direct.step({ ...state, walk, switchingTo: way.candidate }, seen);
  // What ran beside the stages has come to its end with them, and says what it saw.
  const orders = ordersOf({ course, walk, stable: stable.version, seen });
  return {
    ...decision,
    analyses: orders.map((order) => ({ ...order, conclude: 'asItIs' as const })),
    events: [...events, ...decision.events],
  };
}

/** A clock that was set back must not make anything take longer. */
function anchored(walk: Walk, { now }: Observation): Walk {
  if (walk.stageSince <= now && (walk.stuckSince ?? 0) <= now) return walk;
  const { stuckSince, ...rest } = walk;
  return {
    ...rest,
    stageSince: Math.min(walk.stageSince, now),
    ...(stuckSince === undefined ? {} : { stuckSince: Math.min(stuckSince, now) }),
  };
}

/** Counts what the version has seen since the stage began; a counter that fell was begun anew. */
function counted(course: Course, walk: Walk, seen: Observation): Walk {
  const stage = course.stages[walk.stage];
  if (stage?.type !== 'watch' || stage.requests === undefined) return walk;
  const counter = seen.requests[walk.version];
  if (counter === undefined || counter === walk.requests?.counter) return walk;
  const more = walk.requests === undefined ? 0 : Math.max(0, counter - walk.requests.counter);
  return { ...walk, requests: { seen: (walk.requests?.seen ?? 0) + more, counter } };
}

/** The walk at the beginning of its next stage. */
export function nextStage(walk: Walk, now: number): Walk {
  const { stuckSince: _, requests: __, paused: ___, ...rest } = walk;
  return { ...rest, stage: walk.stage + 1, stageSince: now };
}

function stepped({ stages }: Course, { version, stage }: Walk): RolloutEvent {
  const what = stages[stage]?.type ?? '';
  return { type: 'stepped', version, step: stage + 1, steps: stages.length, what };
}

function pausedBy({ paused }: Walk): Wait {
  const why = paused?.reason === undefined ? '' : `: ${paused.reason}`;
  return { to: 'wait', for: 'human', reason: 'Paused', message: `paused by ${paused?.by}${why}` };
}

/** Whether the runtime was looked at: the first decision of a look is made from memory alone. */
function isSeen({ version }: Walk, { versions }: Observation): boolean {
  return versions[version] !== undefined;
}

function wait(following: Following, walk: Walk, seenWait: Wait): Decision {
  const { course, state, seen, stable, way, events } = following;
  const isStuck = seenWait.isStuck === true && walk.paused === undefined;
  const { stuckSince, ...moving } = walk;
  const next: Walk = !isSeen(walk, seen)
    ? walk
    : isStuck
      ? { ...moving, stuckSince: stuckSince ?? seen.now }
      : moving;
  // Given up only for what was seen now: what holds it up may be over, and the proposal says what it was.
  const isOverdue = next.stuckSince !== undefined && seen.now - next.stuckSince >= seen.progressDeadline;
  if (isOverdue && isSeen(walk, seen)) {
    const message = `no progress in ${formatDuration(seen.progressDeadline)}: ${seenWait.message}`;
    const isUnjudged = seenWait.for === 'source';
    const because = { reason: 'ProgressDeadlineExceeded', message, isUnjudged };
    return abort(course, state, seen, stable, walk, because, events);
  }
  const shown = walk.paused === undefined || seenWait.for === 'traffic' ? seenWait : pausedBy(walk);
  const warm = state.warm.map(({ version }) => version);
  const hold = new Set([stable.version, walk.version, ...(course.also ?? []), ...warm]);
  return {
    hold: [...hold].sort(),
    variants: variantsOf(sharesAt(course, walk.stage), way),
    ...(course.rules === undefined ? {} : { rules: course.rules(way) }),
    analyses: ordersOf({ course, walk: next, stable: stable.version, seen }),
    commit: walk.commit,
    state: { ...state, walk: next },
    events,
    outcome: walking({ course, walk: next, stable: stable.version, seen, wait: shown }),
  };
}

interface Because {
  readonly reason: string;
  readonly message: string;
  readonly analysis?: string;
  readonly isUnjudged?: boolean;
}

function abort(
  course: Course,
  state: RolloutState,
  seen: Observation,
  stable: StableVersion,
  walk: Walk,
  because: Because,
  events: readonly RolloutEvent[],
): Decision {
  const aborted: Aborted = {
    version: walk.version,
    digest: walk.digest,
    commit: walk.commit,
    at: seen.now,
    reason: because.reason,
    message: because.message,
    step: walk.isBegun ? Math.min(walk.stage + 1, course.stages.length) : 0,
    steps: course.stages.length,
    ...(because.analysis === undefined ? {} : { analysis: because.analysis }),
    ...(because.isUnjudged === true ? { isUnjudged: true } : {}),
  };
  const decision = goBack(without(state, 'walk', 'switchingTo'), seen, stable, aborted);
  return {
    ...decision,
    events: [...events, { type: 'rolledBack', to: stable.version, aborted }, ...decision.events],
  };
}

/** Traffic is on stable, or goes there at once; what was given up is remembered. */
function goBack(
  state: RolloutState,
  seen: Observation,
  stable: StableVersion | undefined,
  aborted: Aborted,
): Decision {
  const warm = stillWarm(state.warm, seen).filter(({ version }) => version !== aborted.version);
  const next: RolloutState = { ...state, warm, aborted };
  const outcome = heldBack(seen, stable?.version, aborted);
  // The manifest of what answers is gone, so it cannot be declared: the last route goes on.
  if (stable === undefined) {
    return { hold: [], variants: [], commit: seen.commit, state: next, events: [], outcome };
  }
  return {
    hold: [...new Set([stable.version, ...warm.map(({ version }) => version)])].sort(),
    variants: [{ version: stable.version, role: 'stable', weight: 100 }],
    commit: stable.commit,
    state: next,
    events: [],
    outcome,
  };
}

type Passing = 'walk' | 'aborted' | 'switchingTo';

function without(state: RolloutState, ...names: readonly Passing[]): RolloutState {
  if (names.every((name) => state[name] === undefined)) return state;
  const copy: { -readonly [Name in keyof RolloutState]: RolloutState[Name] } = { ...state };
  for (const name of names) delete copy[name];
  return copy;
}
