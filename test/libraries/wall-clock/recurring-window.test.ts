import { describe, expect, it } from 'vitest';
import {
  instantOfDate,
  type RecurringWindow,
  windowAt,
  windowProblem,
} from '../../../libraries/wall-clock/recurring-window.ts';

const at = (text: string) => Date.parse(text);
const berlin = { timeZone: 'Europe/Berlin' };
const until = (windows: RecurringWindow[], now: string) => {
  const frozen = windowAt(windows, at(now));
  if (frozen === undefined) return 'open';
  return frozen.until === undefined ? 'for ever' : new Date(frozen.until).toISOString().replace('.000Z', 'Z');
};

describe('a recurring window', () => {
  const weekend: RecurringWindow = { from: 'fri 16:00', to: 'mon 08:00', ...berlin };

  it('of each week begins and ends at the clock’s time of its place', () => {
    expect(until([weekend], '2026-01-16T14:59:59Z')).toBe('open');
    expect(until([weekend], '2026-01-16T15:00:00Z')).toBe('2026-01-19T07:00:00Z');
    expect(until([weekend], '2026-01-19T06:59:59Z')).toBe('2026-01-19T07:00:00Z');
    expect(until([weekend], '2026-01-19T07:00:00Z')).toBe('open');
    expect(until([weekend], '2026-07-17T14:00:00Z')).toBe('2026-07-20T06:00:00Z');
  });

  it('over a change of the clocks ends at the new time', () => {
    expect(until([weekend], '2026-03-28T12:00:00Z')).toBe('2026-03-30T06:00:00Z');
    expect(until([weekend], '2026-10-24T12:00:00Z')).toBe('2026-10-26T07:00:00Z');
  });

  it('of each night goes over midnight', () => {
    const night: RecurringWindow = { from: '22:00', to: '06:00' };
    expect(until([night], '2026-01-16T23:00:00Z')).toBe('2026-01-17T06:00:00Z');
    expect(until([night], '2026-01-17T05:59:00Z')).toBe('2026-01-17T06:00:00Z');
    expect(until([night], '2026-01-17T06:00:00Z')).toBe('open');
  });

  it('that begins in an hour which the clocks leave out begins when they jump', () => {
    const early: RecurringWindow = { from: '02:30', to: '04:00', ...berlin };
    expect(until([early], '2026-03-29T00:59:00Z')).toBe('open');
    expect(until([early], '2026-03-29T01:00:00Z')).toBe('2026-03-29T02:00:00Z');
  });

  it('that ends in an hour which comes twice ends with the second', () => {
    const early: RecurringWindow = { from: '01:00', to: '02:30', ...berlin };
    expect(until([early], '2026-10-25T00:45:00Z')).toBe('2026-10-25T01:30:00Z');
    expect(until([early], '2026-10-25T01:29:00Z')).toBe('2026-10-25T01:30:00Z');
  });

  it('of dates lasts from the first minute to the last', () => {
    const holidays: RecurringWindow = { from: '2026-12-20', to: '2027-01-03', ...berlin };
    expect(until([holidays], '2026-12-19T22:59:00Z')).toBe('open');
    expect(until([holidays], '2026-12-19T23:00:00Z')).toBe('2027-01-03T23:00:00Z');
    const hours: RecurringWindow = { from: '2026-12-20 10:00', to: '2026-12-20 12:00' };
    expect(until([hours], '2026-12-20T11:00:00Z')).toBe('2026-12-20T12:00:00Z');
  });

  it('goes on where another follows without a break', () => {
    const days: RecurringWindow[] = [
      { from: '2026-01-16', to: '2026-01-16' },
      { from: '2026-01-17 00:00', to: '2026-01-17 12:00' },
    ];
    expect(until(days, '2026-01-16T08:00:00Z')).toBe('2026-01-17T12:00:00Z');
  });

  it('says where it never ends', () => {
    const always: RecurringWindow[] = [
      { from: '00:00', to: '12:00' },
      { from: '12:00', to: '24:00' },
    ];
    expect(until(always, '2026-01-16T08:00:00Z')).toBe('for ever');
  });

  it.each([
    [{ from: '22:00', to: '06:00' }, undefined],
    [{ from: '00:00', to: '24:00' }, undefined],
    [{ from: 'sat 00:00', to: 'sun 24:00', timeZone: 'America/New_York' }, undefined],
    [{ from: '2026-12-20', to: '2026-12-20' }, undefined],
    [{ from: '24:00', to: '06:00' }, 'from'],
    [{ from: '22:60', to: '06:00' }, 'from'],
    [{ from: '22:00', to: '22:00' }, 'to'],
    [{ from: '22:00', to: 'mon 06:00' }, 'to'],
    [{ from: '2026-12-20', to: '2026-12-19' }, 'to'],
    [{ from: '2026-02-30', to: '2026-03-01' }, 'from'],
    [{ from: '22:00', to: '06:00', timeZone: 'Mars/Olympus' }, 'timeZone'],
  ])('%j is right, or wrong in its %s', (window, field) => {
    expect(windowProblem(window)?.field).toBe(field);
  });
});

it('the beginning of a date is told by the clocks of its place', () => {
  const told = (text: string, zone?: string) => {
    const instant = instantOfDate(text, zone);
    return instant === undefined ? undefined : new Date(instant).toISOString();
  };
  expect(told('2026-12-24')).toBe('2026-12-24T00:00:00.000Z');
  expect(told('2026-07-01 09:00', 'Europe/Berlin')).toBe('2026-07-01T07:00:00.000Z');
  expect(told('2026-02-30')).toBeUndefined();
  expect(told('sat 09:00')).toBeUndefined();
});
