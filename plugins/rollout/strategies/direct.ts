import type { Variant, VersionState } from '../../../core/capabilities/serving-runtime.ts';
import { type Outcome, ready, stalled, waiting } from '../../../core/plugin.ts';
import { lineageAfter } from '../lineage.ts';
import type {
  Decision,
  Observation,
  RolloutState,
  StableVersion,
  Strategy,
  WarmVersion,
} from '../strategy.ts';
import { nextRelease, stillWarm } from '../warm-versions.ts';

/** The runtime wakes the deployment on every change; this is for the wake that got lost. */
const lookAgainAfter = 5_000;

/**
 * All traffic at once: the new version loads beside the old, which goes on answering; once it is ready everywhere
 * traffic moves, and the old one stays warm for a while, so that going back is instant.
 */
export const direct: Strategy = { name: 'direct', step };

function step(before: RolloutState, seen: Observation): Decision {
  const state = withoutOthersSwitch(before, seen.target);
  // What answered before but whose manifest is gone cannot be declared any more; the runtime's own last route goes on.
  const stable = state.stable && seen.present.has(state.stable.version) ? state.stable : undefined;
  const warm = stillWarm(state.warm, seen).filter(({ version }) => version !== seen.target);
  if (seen.refusal !== undefined) return refuse(state, seen, stable, warm, seen.refusal);

  const target = seen.versions[seen.target];
  const isNew = stable?.version !== seen.target;
  if (target?.phase === 'failed' && !target.retryable) return fail(state, seen, stable, warm, target);

  const mayAnswer = stable === undefined || !isNew || state.switchingTo === seen.target;
  if (!mayAnswer && target?.phase !== 'ready') return load(state, seen, stable, warm, target);
  if (target?.phase === 'ready' && answersAlone(seen, seen.target)) return settle(state, seen, warm);
  return move(state, seen, stable, warm, target);
}

/** A switch to a version that is declared no more is over. */
function withoutOthersSwitch(state: RolloutState, target: string): RolloutState {
  if (state.switchingTo === undefined || state.switchingTo === target) return state;
  const { switchingTo: _, ...rest } = state;
  return rest;
}

/** The new version loads; the old one answers. */
function load(
  state: RolloutState,
  seen: Observation,
  stable: StableVersion,
  warm: readonly WarmVersion[],
  target: VersionState | undefined,
): Decision {
  const because = progressOf(seen.target, target);
  const answers = answersStill(seen, stable.version);
  const retrying = target?.phase === 'failed';
  const more = {
    progressing: because,
    checkAfter: lookAgainAfter,
    ...(retrying ? { degraded: { reason: 'RolloutDelayed', message: because.message } } : {}),
  };
  return {
    ...route(state, stable.version, stable.commit, warm, [seen.target]),
    outcome: answers
      ? ready('Serving', `${stable.version} answers while ${seen.target} is prepared`, more)
      : waiting(
          because.reason,
          `neither ${stable.version} nor ${seen.target} answers yet: ${because.message}`,
          more,
        ),
  };
}

/** Traffic goes to the target, or will as soon as the target is ready. */
function move(
  state: RolloutState,
  seen: Observation,
  stable: StableVersion | undefined,
  warm: readonly WarmVersion[],
  target: VersionState | undefined,
): Decision {
  const isSwitch = stable !== undefined && stable.version !== seen.target;
  const next: RolloutState = isSwitch ? { ...state, switchingTo: seen.target } : state;
  const held = isSwitch ? [stable.version] : [];
  return {
    ...route(next, seen.target, seen.commit, warm, held),
    outcome: outcomeOfMove(seen, stable, target),
  };
}

function outcomeOfMove(
  seen: Observation,
  stable: StableVersion | undefined,
  target: VersionState | undefined,
): Outcome {
  const checkAfter = lookAgainAfter;
  const isReady = target?.phase === 'ready';
  if (isReady && seen.processes.ready === 0) {
    return waiting('NoProcess', `${seen.target} is loaded, but no inference process is ready`, {
      checkAfter,
    });
  }
  const progressing = isReady
    ? { reason: 'Switching', message: `traffic moves to ${seen.target}` }
    : progressOf(seen.target, target);
  if (stable === undefined || !answersStill(seen, stable.version)) {
    return waiting(progressing.reason, progressing.message, { checkAfter });
  }
  // The same version in another dress (a commit, a limit) is no progress worth telling.
  const isSame = isReady && stable.version === seen.target;
  return ready('Serving', `${stable.version} answers`, { checkAfter, ...(isSame ? {} : { progressing }) });
}

/** The target answers everywhere: what answered before is kept warm, and is released when its time is over. */
function settle(state: RolloutState, seen: Observation, warm: readonly WarmVersion[]): Decision {
  const previous = state.stable?.version;
  const isSwitch = previous !== seen.target;
  const leaving: readonly WarmVersion[] =
    isSwitch && previous !== undefined ? stillWarm([{ version: previous, since: seen.now }], seen) : warm;
  const kept = new Set(leaving.map(({ version }) => version));
  const loaded = [...state.warm.map(({ version }) => version), ...(previous === undefined ? [] : [previous])];
  const released = loaded.filter((version) => version !== seen.target && !kept.has(version));
  const digest = seen.artifacts[seen.target]?.digest;
  const stable = { version: seen.target, commit: seen.commit, ...(digest === undefined ? {} : { digest }) };
  const lineage = lineageAfter(state, stable);
  const next: RolloutState = {
    model: state.model,
    stable,
    warm: leaving,
    ...(lineage.length === 0 ? {} : { lineage }),
  };
  const checkAfter = nextRelease(leaving, seen);
  const { ready: up, total } = seen.processes;
  const isAsleep = seen.versions[seen.target]?.reason === 'LoadedOnDemand';
  return {
    ...route(next, seen.target, seen.commit, leaving, []),
    events: [
      ...(isSwitch ? [{ type: 'switched' as const, from: previous, to: seen.target }] : []),
      ...released.map((version) => ({ type: 'released' as const, version })),
    ],
    outcome: ready('Serving', `${seen.target} answers${isAsleep ? ', loaded when it is asked' : ''}`, {
      ...(checkAfter === undefined ? {} : { checkAfter }),
      ...(up < total
        ? { degraded: { reason: 'FewerProcesses', message: `${up} of ${total} inference processes answer` } }
        : {}),
    }),
  };
}

/** The target cannot be served, whatever is tried: what answered goes on. */
function fail(
  state: RolloutState,
  seen: Observation,
  stable: StableVersion | undefined,
  warm: readonly WarmVersion[],
  target: VersionState,
): Decision {
  const { switchingTo: _, ...rest } = state;
  if (stable === undefined || stable.version === seen.target) {
    // A process answers with what it holds until it has loaded what is declared now; one that starts has nothing to hold.
    const how =
      stable === undefined ? '' : ' as it is declared now; inference processes that hold it as it was go on';
    const message = `${seen.target} cannot be served${how}: ${target.message}`;
    return {
      ...route(rest, seen.target, seen.commit, warm, []),
      outcome: stalled(target.reason, message),
    };
  }
  const message = `${seen.target} cannot be served, ${stable.version} goes on: ${target.message}`;
  return {
    // The failed version stays declared: the runtime remembers the failure, and nothing is tried over and over.
    ...route(rest, stable.version, stable.commit, warm, [seen.target]),
    outcome: stalled(target.reason, message, { degraded: { reason: 'RolloutFailed', message } }),
  };
}

/** The target must not be deployed: what answers goes on, even if it is the target itself. */
function refuse(
  state: RolloutState,
  seen: Observation,
  stable: StableVersion | undefined,
  warm: readonly WarmVersion[],
  refusal: { readonly reason: string; readonly message: string },
): Decision {
  const { switchingTo: _, ...rest } = state;
  if (stable === undefined) {
    const outcome = stalled(refusal.reason, refusal.message);
    return { hold: [], variants: [], commit: seen.commit, state: rest, events: [], outcome };
  }
  const message = `${refusal.message}; ${stable.version} goes on answering`;
  return {
    ...route(rest, stable.version, stable.commit, warm, []),
    outcome: stalled(refusal.reason, message, { degraded: { reason: 'RolloutRefused', message } }),
  };
}

function route(
  state: RolloutState,
  version: string,
  commit: string,
  warm: readonly WarmVersion[],
  also: readonly string[],
): Omit<Decision, 'outcome'> {
  const hold = [...new Set([version, ...also, ...warm.map((one) => one.version)])].sort();
  const gone = state.warm.filter((one) => !hold.includes(one.version));
  return {
    hold,
    variants: [stableVariant(version)],
    commit,
    state: { ...state, warm },
    events: gone.map((one) => ({ type: 'released', version: one.version })),
  };
}

function stableVariant(version: string): Variant {
  return { version, role: 'stable', weight: 100 };
}

function answersAlone({ answering, processes }: Observation, version: string): boolean {
  return answering?.length === 1 && answering[0]?.version === version && processes.ready > 0;
}

/**
 * Whether what answered before still does, as far as one can tell: an inference process is ready once it has loaded
 * what it answers with, and one of several may be away for a moment.
 */
function answersStill({ versions, processes }: Observation, version: string): boolean {
  return processes.ready > 0 && versions[version]?.phase !== 'failed';
}

function progressOf(version: string, state: VersionState | undefined) {
  if (state === undefined) return { reason: 'Loading', message: `${version} is being loaded` };
  return { reason: state.reason, message: `${version}: ${state.message}` };
}
