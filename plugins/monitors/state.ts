/** What is known of a monitor from one check to the next: kept with its resource, and bounded. */
import type { Asked } from './on-breach.ts';
import type { CheckedWindow, RunStatus, Verdict } from './verdict.ts';

export interface MonitorState {
  /** Of the manifest that the checks were made by. */
  readonly digest: string;
  /** The last check that judged anything; null before the first. */
  readonly verdict: Verdict | null;
  /** Why the newest check could not judge; null where it could. */
  readonly failure: Failure | null;
  /** When the newest check ended, as RFC 3339. */
  readonly lastRun: string | null;
  /** When the next check is due, in milliseconds since 1970. */
  readonly next: number | null;
  /** Whether the last word was a breach: too few rows take nothing back. */
  readonly isBreached: boolean;
  /** Since when it is so, or is not, as RFC 3339. */
  readonly since: string | null;
  /** The newest first. */
  readonly history: readonly Past[];
  /** What parts remember. */
  readonly memory: Readonly<Record<string, unknown>>;
  /** What is to be said in the journal and may not have been. */
  readonly owed: Owed | null;
  /** What was proposed about the last breach; null where nothing was. */
  readonly asked?: Asked | null;
}

export interface Failure {
  readonly at: string;
  readonly code: string;
  readonly message: string;
  /** How many checks in a row. */
  readonly times: number;
}

/** A check as it is remembered. */
export interface Past {
  readonly run: string;
  readonly status: RunStatus;
  readonly reason: string;
  readonly rows: number | null;
  /** What parts said in figures. */
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Owed {
  readonly type: 'monitor.breached' | 'monitor.recovered';
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly run: string };
}

/** What came of a check. */
export type Ended =
  | { readonly verdict: Verdict; readonly memory: Readonly<Record<string, unknown>> }
  | { readonly run: string; readonly at: string; readonly code: string; readonly message: string };

const keptHistory = 200;

export function newState(digest: string): MonitorState {
  return {
    ...{ digest, verdict: null, failure: null, lastRun: null, next: null, isBreached: false, since: null },
    ...{ history: [], memory: {}, owed: null },
  };
}

/** The manifest changed: what was found by the old one is history. */
export function begunAnew(state: MonitorState, digest: string): MonitorState {
  return { ...state, digest, next: null, memory: {} };
}

/** What is known after a check. A check that failed keeps the last verdict; too few rows are no recovery. */
export function after(state: MonitorState, ended: Ended): MonitorState {
  if (!('verdict' in ended)) {
    const { run, at, code, message } = ended;
    const failure = { at, code, message, times: (state.failure?.times ?? 0) + 1 };
    const past: Past = { run, status: 'error', reason: code, rows: null, facts: {} };
    return { ...state, failure, lastRun: at, history: [past, ...state.history].slice(0, keptHistory) };
  }
  const { verdict, memory } = ended;
  const { run, at, status, reason, message, window, parts } = verdict;
  const facts = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, part.facts]));
  const past: Past = { run, status, reason, rows: window.rows, facts };
  const breaches = status === 'breached' && !state.isBreached;
  const recovers = (status === 'ok' || status === 'warning') && state.isBreached;
  const turns = breaches || recovers;
  const data = { run, status, reason, window, version: verdict.version, parts: facts };
  return {
    ...state,
    ...{ verdict, memory, failure: null, lastRun: at },
    history: [past, ...state.history].slice(0, keptHistory),
    isBreached: breaches || (state.isBreached && !recovers),
    since: turns || state.since === null ? at : state.since,
    owed: turns ? { type: breaches ? 'monitor.breached' : 'monitor.recovered', message, data } : state.owed,
  };
}

/** `error` where the newest check could not judge, whatever it was before. */
export function statusOf({ verdict, failure }: MonitorState): RunStatus {
  if (failure !== null) return 'error';
  return verdict?.status ?? 'noData';
}

/** Small: what every look at the monitor shows. */
export function factsOf(state: MonitorState, nextRunBy: number): Readonly<Record<string, unknown>> {
  const { verdict, failure, lastRun, since, isBreached, asked } = state;
  const window: CheckedWindow | undefined = verdict?.window;
  return {
    status: lastRun === null ? 'pending' : statusOf(state),
    isBreached,
    ...(since === null ? {} : { since }),
    ...(lastRun === null ? {} : { lastRun }),
    nextRunBy: new Date(nextRunBy).toISOString(),
    ...(window === undefined ? {} : { window }),
    ...(failure === null ? {} : { failure: { code: failure.code, times: failure.times } }),
    ...(isBreached && asked != null ? { proposal: asked } : {}),
    ...Object.fromEntries(Object.entries(verdict?.parts ?? {}).map(([name, part]) => [name, part.facts])),
  };
}
