/** What people say to a rollout, and what it does to what is known of it. Pure. */
import { verdict } from './analysis/analysis-run.ts';
import type { Course } from './course.ts';
import { answeredFor, withoutUndecided } from './rollback/undecided.ts';
import type { RolloutEvent, RolloutState } from './strategy.ts';
import { nextStage } from './walk.ts';
import type { Aborted, Said, Walk } from './walk-state.ts';

export const verbs = ['promote', 'pause', 'resume', 'abort', 'retry', 'accept-risk'] as const;
export type Verb = (typeof verbs)[number];

export interface Command extends Said {
  readonly verb: Verb;
  /** With `promote`: past all steps that are left. */
  readonly isFull?: boolean;
  /** With `accept-risk`: the version meant, where it is not the one that was rolled back last. */
  readonly version?: string;
}

export type Obeyed =
  | {
      readonly state: RolloutState;
      readonly message: string;
      /** The version whose quarantine is to be lifted by a proposal. */
      readonly lifts?: string;
      /** What came about, for the journal. */
      readonly events?: readonly RolloutEvent[];
    }
  /** Nothing was changed, and why. */
  | { readonly refused: string };

export interface Declared {
  readonly course: Course;
  readonly target: string;
  /** Of the target's artifact, where it is known. */
  readonly digest: string | undefined;
  readonly commit: string;
  /** Versions that are quarantined by their own manifests. */
  readonly condemned: ReadonlySet<string>;
  /** Those, and all that are the same artifact under another name. */
  readonly quarantined: ReadonlySet<string>;
  /** Whether rollbacks become proposals here: then whoever would have a version tried again answers for it. */
  readonly isProposed: boolean;
}

/** Obeys a command, or says why there is nothing that it could do. */
export function obey(state: RolloutState, command: Command, declared: Declared): Obeyed {
  return acts[command.verb](state, command, declared);
}

const acts: Readonly<Record<Verb, (state: RolloutState, command: Command, declared: Declared) => Obeyed>> = {
  promote,
  pause,
  resume,
  abort,
  retry,
  'accept-risk': acceptRisk,
};

function promote(state: RolloutState, { isFull, at }: Command, { course }: Declared): Obeyed {
  const { walk } = state;
  if (walk === undefined) return none(state, 'promote');
  if (!walk.isBegun) return { refused: `${walk.version} is not ready yet` };
  const { length } = course.stages;
  if (isFull === true) {
    const last: Walk = { ...nextStage(walk, at), stage: length, isBackgroundOff: true };
    return { state: { ...state, walk: last }, message: `${walk.version} is promoted past all steps` };
  }
  const next: Walk = {
    ...nextStage(walk, at),
    ...(isBackgroundOpen(state) ? { isBackgroundOff: true } : {}),
  };
  return {
    state: { ...state, walk: next },
    message: `${walk.version} is promoted past step ${walk.stage + 1}`,
  };
}

/** Who goes on past a background analysis that cannot tell does not want to be asked at each step. */
function isBackgroundOpen({ walk, runs = {} }: RolloutState): boolean {
  if (walk?.isBackgroundOff === true) return true;
  return Object.entries(runs).some(([key, { run }]) => {
    const { outcome } = verdict(run);
    return key.includes('/background') && outcome !== 'Running' && outcome !== 'Successful';
  });
}

function pause(state: RolloutState, { by, reason, at }: Command): Obeyed {
  const { walk } = state;
  if (walk === undefined) return none(state, 'pause');
  if (walk.paused !== undefined) return { refused: `it was paused by ${walk.paused.by} already` };
  const paused: Said = { by, at, ...(reason === undefined ? {} : { reason }) };
  return {
    state: { ...state, walk: { ...walk, paused } },
    message: `${walk.version} is held in step ${walk.stage + 1}`,
  };
}

function resume(state: RolloutState, { at }: Command, { course }: Declared): Obeyed {
  const { walk } = state;
  if (walk === undefined) return none(state, 'resume');
  if (walk.paused !== undefined) {
    const { paused: _, ...going } = walk;
    return {
      state: { ...state, walk: going },
      message: `${walk.version} goes on from step ${walk.stage + 1}`,
    };
  }
  const stage = course.stages[walk.stage];
  if (stage?.type === 'pause' && stage.forMs === undefined && walk.isBegun) {
    return {
      state: { ...state, walk: nextStage(walk, at) },
      message: `${walk.version} goes on after step ${walk.stage + 1}`,
    };
  }
  return { refused: 'it is not paused' };
}

function abort(state: RolloutState, { by, reason, at }: Command, declared: Declared): Obeyed {
  const { course, target, digest, commit } = declared;
  const { stable, walk } = state;
  if (stable === undefined) return { refused: 'it is the first version: there is nothing to go back to' };
  if (stable.version === target || digest === undefined)
    return { refused: `${stable.version} answers, and nothing else is under way` };
  if (state.aborted?.digest === digest) return { refused: `${target} was given up already` };
  const aborted: Aborted = {
    version: target,
    digest,
    commit,
    at,
    reason: 'AbortedByHand',
    message: `aborted by ${by}${reason === undefined ? '' : `: ${reason}`}`,
    step: walk?.isBegun === true ? Math.min(walk.stage + 1, course.stages.length) : 0,
    steps: course.stages.length,
  };
  const { walk: _, switchingTo: __, ...rest } = state;
  return {
    state: { ...rest, aborted },
    message: `traffic goes back to ${stable.version}`,
    events: [{ type: 'rolledBack', to: stable.version, aborted }],
  };
}

function retry(state: RolloutState, { at }: Command, declared: Declared): Obeyed {
  const { course, target } = declared;
  if (state.aborted !== undefined) {
    const refused = notRetried(state.aborted, declared);
    if (refused !== undefined) return { refused };
    return { state: answeredFor(state), message: `${target} is tried again from its first step` };
  }
  const { walk } = state;
  if (walk === undefined) return none(state, 'retry');
  const stage = course.stages[walk.stage];
  const isAnalysed = stage?.type === 'analysis' || (stage?.type === 'watch' && stage.analysis !== undefined);
  if (!walk.isBegun || (!isAnalysed && course.background === undefined)) {
    return { refused: 'there is no analysis to begin again' };
  }
  const { stuckSince: _, requests: __, ...rest } = walk;
  const again: Walk = { ...rest, attempt: walk.attempt + 1, stageSince: at };
  return { state: { ...state, walk: again }, message: `its analysis begins again in step ${walk.stage + 1}` };
}

/** Why a version that was given up is not tried again by a retry: what asks for its quarantine is answered by name, with a reason. */
function notRetried(
  { version, recourse, isUnjudged }: Aborted,
  { target, quarantined, isProposed }: Declared,
): string | undefined {
  if (quarantined.has(target)) {
    return `${target} is quarantined: accept-risk says why not, and proposes to lift it`;
  }
  if (!isProposed || version !== target) return undefined;
  const proposal = `proposal ${recourse?.number ?? ''}`.trim();
  if (recourse?.state === 'merged') return `${proposal} was merged and is about to be applied`;
  if (isUnjudged === true) {
    return recourse?.state === 'open' ? `${proposal} asks for the opposite: close it first` : undefined;
  }
  switch (recourse?.state) {
    case 'open':
      return `${proposal} asks for its quarantine: close it, and then accept-risk says why, and tries it again`;
    case 'declined':
      return `${proposal}, which asked for its quarantine, was closed: accept-risk says why, and tries it again`;
    default:
      return 'its quarantine is about to be proposed: accept-risk says why not, and tries it again';
  }
}

/**
 * Somebody answers for a version that was rolled back. Where Git has it quarantined, that takes a proposal of its own;
 * otherwise it is remembered here alone, and tried again.
 */
function acceptRisk(state: RolloutState, { version }: Command, declared: Declared): Obeyed {
  const { target, condemned } = declared;
  const { aborted } = state;
  const meant = version ?? aborted?.version ?? (condemned.has(target) ? target : onlyOne(condemned));
  if (meant === undefined && condemned.size > 1) {
    return { refused: `several versions are quarantined: name one of ${[...condemned].join(', ')}` };
  }
  const isHere = aborted !== undefined && aborted.version === meant;
  const isUndecided = state.undecided?.some((one) => one.version === meant) === true;
  if (meant === undefined || (!isHere && !isUndecided && !condemned.has(meant))) {
    return {
      refused:
        meant === undefined
          ? 'no version was rolled back, and none is quarantined'
          : `${meant} was not rolled back, and is not quarantined`,
    };
  }
  const next = withoutUndecided(isHere ? answeredFor(state) : state, meant);
  const accepted = `the risk of ${meant} is accepted`;
  if (condemned.has(meant)) return { state: next, message: accepted, lifts: meant };
  if (!isHere) return { state: next, message: `${accepted}: its quarantine is not asked for any more` };
  const { recourse } = aborted ?? {};
  if (recourse?.state === 'open') {
    return { refused: `proposal ${recourse.number} asks for the opposite: close it first, with a reason` };
  }
  if (recourse?.state === 'merged') {
    return { refused: 'its rollback was merged and is about to be applied: say it again after that' };
  }
  const waits =
    recourse?.state === 'queued' ? '; close the proposal of its rollback, which waits, once it is there' : '';
  return { state: next, message: `${accepted}: it is tried again from its first step${waits}` };
}

function onlyOne(names: ReadonlySet<string>): string | undefined {
  return names.size === 1 ? [...names][0] : undefined;
}

function none({ stable, aborted }: RolloutState, verb: Verb): Obeyed {
  if (aborted !== undefined) {
    return { refused: `${aborted.version} was rolled back: accept its risk, or declare another version` };
  }
  return {
    refused: `there is no rollout to ${verb}${stable === undefined ? '' : `: ${stable.version} answers`}`,
  };
}
