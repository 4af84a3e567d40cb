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
export type OverTimeState = Readonly<Record<string, unknown>>;

export interface OverTime {
  /** What each detector says of this check. */
  readonly signals: Readonly<Record<string, Signal>>;
  /** Checks that the alarm has seen since it began, or since it last went off. */
  readonly seen: number;
  /** What the alarm has against "all is as before": at 1 / alpha it goes off. */
  readonly evidence: number;
  readonly state: OverTimeState;
}

const defaultBaseline = 10;

/** Takes the share of drifted columns of one more check, from 0 to 1. */
export function overTime(
  { baseline = defaultBaseline, alpha = 0.05, detectors = [] }: OverTimeSpec,
  share: number,
  state: OverTimeState,
): OverTime {
  const alarm = anytimeAlarm({ baseline: baseline / 100, alpha }, state.anytime as AnytimeAlarmState);
  const named: Record<string, Detector> = { anytime: alarm };
  for (const name of detectors) named[name] = detector[name](state[name]);
  const signals: Record<string, Signal> = {};
  for (const [name, one] of Object.entries(named)) signals[name] = one.add(share);
  const states = Object.entries(named).map(([name, one]) => [name, one.state()]);
  return { signals, seen: alarm.seen, evidence: alarm.evidence(), state: Object.fromEntries(states) };
}

/** A check is one value, not one of thousands: they speak earlier than they do by default. */
const detector = {
  adwin: (state: unknown) => adwin({ clock: 1 }, state as AdwinState),
  'page-hinkley': (state: unknown) =>
    pageHinkley({ threshold: 1, least: 10, delta: 0.01 }, state as PageHinkleyState),
  ddm: (state: unknown) => ddm({ least: 10 }, state as DdmState),
} satisfies Readonly<Record<NonNullable<OverTimeSpec['detectors']>[number], (state: unknown) => Detector>>;
