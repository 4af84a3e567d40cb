import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantsOf, isTimeZone, TimeZoneError, wallTimeAt } from '../../../libraries/wall-clock/index.ts';

const berlin = 'Europe/Berlin';
const at = (text: string) => Date.parse(text);
const wall = (year: number, month: number, day: number, hour: number, minute = 0) => ({
  year,
  month,
  day,
  hour,
  minute,
});

describe('the wall clock', () => {
  it('shows the time of a place, in winter and in summer', () => {
    expect(wallTimeAt(at('2026-01-15T23:30:00Z'), berlin)).toEqual(wall(2026, 1, 16, 0, 30));
    expect(wallTimeAt(at('2026-07-15T23:30:00Z'), berlin)).toEqual(wall(2026, 7, 16, 1, 30));
    expect(wallTimeAt(at('2026-07-15T00:00:00Z'), 'Asia/Kathmandu')).toEqual(wall(2026, 7, 15, 5, 45));
  });

  it('shows an hour twice in autumn: both instants are told', () => {
    expect(instantsOf(wall(2026, 10, 25, 2, 30), berlin)).toEqual({
      earliest: at('2026-10-25T00:30:00Z'),
      latest: at('2026-10-25T01:30:00Z'),
    });
  });

  it('leaves an hour out in spring: a time in it is when the clocks jump', () => {
    const jump = at('2026-03-29T01:00:00Z');
    expect(instantsOf(wall(2026, 3, 29, 2, 30), berlin)).toEqual({ earliest: jump, latest: jump });
  });

  it('counts days on beyond the month’s end', () => {
    expect(instantsOf(wall(2026, 2, 29, 0), 'UTC').earliest).toBe(at('2026-03-01T00:00:00Z'));
    expect(instantsOf(wall(2026, 1, 0, 0), 'UTC').earliest).toBe(at('2025-12-31T00:00:00Z'));
  });

  it('knows names of time zones, and no offsets', () => {
    expect(['UTC', berlin, 'America/New_York'].map(isTimeZone)).toEqual([true, true, true]);
    expect(['+01:00', 'Europe/Atlantis', '', 'Mars'].map(isTimeZone)).toEqual([false, false, false, false]);
    expect(() => wallTimeAt(0, 'Mars')).toThrow(TimeZoneError);
  });

  it('is read back to the instant, in any zone at any time', () => {
    const zones = fc.constantFrom(berlin, 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'UTC');
    const instants = fc.date({
      min: new Date('2000-01-01'),
      max: new Date('2037-01-01'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(zones, instants, (zone, date) => {
        const minute = Math.floor(date.getTime() / 60_000) * 60_000;
        const { earliest, latest } = instantsOf(wallTimeAt(minute, zone), zone);
        expect([earliest, latest]).toContain(minute);
        expect(wallTimeAt(earliest, zone)).toEqual(wallTimeAt(latest, zone));
      }),
    );
  });
});
