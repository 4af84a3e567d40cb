/** Whether more columns drift than used to, over the sequence of checks: many small signs that none of them alone would tell. */
import {
  type AdwinState,
  type AnytimeAlarmState,
  adwin,
  anytimeAlarm,
  type DdmState,
  type Detector,
  ddm,
  type PageHinkleyState,
  pageHinkley,
  type Signal,
} from '../../../../libraries/change-detection/index.ts';
import type { DriftSpec } from './comparison.ts';

export type OverTimeSpec = NonNullable<DriftSpec['overTime']>;

/** The share of drifted columns of one check, from 0 to 1, and of which rows. Times are in milliseconds since 1970. */
export interface CheckedShare {
  readonly share: number;
  /** How many columns were compared. */
  readonly columns: number;
  /** Of the oldest row. */
  readonly first: number;
  /** Each row is older than that. */
  readonly to: number;
}

export interface OverTimeState {
  /** Rows before then have been seen. */
  readonly seenTo?: number;
  /** What each detector said of the last window that it saw: that holds until the next one. */
  readonly signals?: Readonly<Record<string, Signal>>;
  /** What each detector goes on from. */
  readonly detectors?: Readonly<Record<string, unknown>>;
}

export interface OverTime {
  readonly signals: Readonly<Record<string, Signal>>;
  /** Windows that the alarm has seen since it began, or since it last went off. */
  readonly seen: number;
  /** What the alarm has against "all is as before": at 1 / alpha it goes off. */
  readonly evidence: number;
  readonly state: OverTimeState;
}

const defaultBaseline = 10;

/**
 * Takes the share of one more check, where none of its rows was in a share that was taken before. Windows that share rows drift
 * together, by chance as well: to the alarm, that would be evidence again and again, and its bound would not hold.
 */
export function overTime(
  { baseline = defaultBaseline, alpha = 0.05, detectors = [] }: OverTimeSpec,
  { share, columns, first, to }: CheckedShare,
  state: OverTimeState,
): OverTime {
  const begun = state.detectors ?? {};
  const alarm = anytimeAlarm({ baseline: baseline / 100, alpha }, begun.anytime as AnytimeAlarmState);
  const named: Record<string, Detector> = { anytime: alarm };
  for (const name of detectors) named[name] = detector[name](begun[name], columns);
  const isNew = first >= (state.seenTo ?? Number.NEGATIVE_INFINITY);
  const signals: Record<string, Signal> = {};
  for (const [name, one] of Object.entries(named)) {
    signals[name] = isNew ? one.add(share) : (state.signals?.[name] ?? 'none');
  }
  return {
    ...{ signals, seen: alarm.seen, evidence: alarm.evidence() },
    state: {
      // A clock that was set back: what was seen is not to come.
      seenTo: isNew ? to : Math.min(state.seenTo ?? to, to),
      signals,
      detectors: Object.fromEntries(Object.entries(named).map(([name, one]) => [name, one.state()])),
    },
  };
}

/**
 * A window is one value, not one of thousands: they speak earlier than they do by default. The share of few columns moves in large
 * steps, which Page and Hinkley's sum has to take. `bench statistics` prints how often each speaks where nothing changes.
 */
const detector = {
  adwin: (state: unknown) => adwin({ clock: 1, delta: 0.5 }, state as AdwinState),
  'page-hinkley': (state: unknown, columns: number) =>
    pageHinkley({ threshold: 1 + 4 / columns, least: 10, delta: 0.05 }, state as PageHinkleyState),
  ddm: (state: unknown) => ddm({ least: 10 }, state as DdmState),
} satisfies Readonly<
  Record<NonNullable<OverTimeSpec['detectors']>[number], (state: unknown, columns: number) => Detector>
>;
