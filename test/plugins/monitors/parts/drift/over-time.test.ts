import { describe, expect, it } from 'vitest';
import { type OverTimeState, overTime } from '../../../../../plugins/monitors/parts/drift/over-time.ts';

const hour = 3_600_000;

/** Checks of the last hour every so many minutes, all of which find that each column drifts. */
function drifting(minutes: number, checks: number, state: OverTimeState = {}) {
  const seen: number[] = [];
  let newest = state;
  let signal = 'none';
  for (let check = 1; check <= checks && signal === 'none'; check++) {
    const to = hour + check * minutes * 60_000;
    const found = overTime({ baseline: 10 }, { share: 1, columns: 9, first: to - hour, to }, newest);
    newest = found.state;
    seen.push(found.seen);
    signal = found.signals.anytime ?? 'none';
  }
  return { seen, signal, state: newest };
}

describe('the alarm over time', () => {
  it('takes a window that shares rows with one that it took for no further sign', () => {
    expect(drifting(5, 14).seen).toEqual([...Array(12).fill(1), 2, 2]);
  });

  it('goes off by as many windows, however often they are looked at', () => {
    const apart = drifting(60, 24);
    const often = drifting(5, 24 * 12);
    expect(apart.signal).toBe('alarm');
    expect(often.signal).toBe('alarm');
    expect(often.seen).toHaveLength(12 * (apart.seen.length - 1) + 1);
  });

  it('holds until a window says otherwise that shares no rows with the one that set it off', () => {
    const { state } = drifting(60, 24);
    const to = state.seenTo! + hour / 2;
    const between = overTime({}, { share: 0, columns: 9, first: to - hour, to }, state);
    expect(between.signals).toEqual({ anytime: 'alarm' });
    const later = { share: 0, columns: 9, first: to - hour / 2, to: to + hour / 2 };
    expect(overTime({}, later, between.state).signals).toEqual({ anytime: 'none' });
  });

  it('goes on after a clock was set back', () => {
    const ahead = drifting(60, 1).state;
    const to = ahead.seenTo! - 100 * hour;
    const back = overTime({}, { share: 1, columns: 9, first: to - hour, to }, ahead);
    expect(back).toMatchObject({ seen: 1, state: { seenTo: to } });
    const next = { share: 1, columns: 9, first: to, to: to + hour };
    expect(overTime({}, next, back.state).seen).toBe(2);
  });
});
