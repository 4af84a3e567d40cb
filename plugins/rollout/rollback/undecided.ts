/**
 * Versions that were given up, and of whose quarantine nobody had decided when another version was declared. There is one open
 * proposal of where a deployment is to go: the next rollback takes its place, and must not let what failed before be forgotten.
 */
import type { Observation, RolloutState } from '../strategy.ts';
import type { Aborted } from '../walk-state.ts';

/** More rollbacks in a row, each without a decision, are another problem. */
const mostKept = 5;

type Seen = Pick<Observation, 'artifacts' | 'quarantined' | 'target'>;

/** The state without what was given up, which is set aside where its quarantine waits for somebody. Pure. */
export function setAside(state: RolloutState, seen: Seen): RolloutState {
  const { aborted } = state;
  if (aborted === undefined) return state;
  const rest = answeredFor(state);
  const all = [...(rest.undecided ?? []), ...(isOpen(aborted) ? [slim(aborted)] : [])];
  return withUndecided(rest, stillOpen(all, seen).slice(-mostKept));
}

/** The state without what was given up, for which somebody answers: it is tried again. Pure. */
export function answeredFor(state: RolloutState): RolloutState {
  const { aborted, ...rest } = state;
  // Who closed the proposal said no to all that it asked for.
  return aborted?.recourse?.state === 'declined' ? withUndecided(rest, []) : rest;
}

/** The state without those that were decided: quarantined, declared again, exchanged or gone. Pure. */
export function withoutDecided(state: RolloutState, seen: Seen): RolloutState {
  const { undecided } = state;
  if (undecided === undefined) return state;
  const left = stillOpen(undecided, seen);
  return left.length === undecided.length ? state : withUndecided(state, left);
}

/** The state without one of them, for whom somebody answers. Pure. */
export function withoutUndecided(state: RolloutState, version: string): RolloutState {
  const left = (state.undecided ?? []).filter((one) => one.version !== version);
  return withUndecided(state, left);
}

function withUndecided(state: RolloutState, undecided: readonly Aborted[]): RolloutState {
  const { undecided: _, ...rest } = state;
  return undecided.length === 0 ? rest : { ...rest, undecided };
}

/** Whether its quarantine is wanted, and nobody has said yes or no. */
function isOpen({ isUnjudged, recourse }: Aborted): boolean {
  if (isUnjudged === true) return false;
  const { state } = recourse ?? {};
  return state === undefined || state === 'open' || state === 'queued' || state === 'refused';
}

function stillOpen(undecided: readonly Aborted[], { artifacts, quarantined, target }: Seen) {
  return undecided.filter(
    ({ version, digest }) =>
      version !== target && artifacts[version]?.digest === digest && !quarantined.has(version),
  );
}

/** Its name in the journal stays, what was measured goes. */
function slim({ evidence, ...aborted }: Aborted): Aborted {
  return evidence === undefined ? aborted : { ...aborted, evidence: { ...evidence, metrics: [] } };
}
