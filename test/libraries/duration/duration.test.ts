import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DurationError, formatDuration, parseDuration } from '../../../libraries/duration/index.ts';

describe('a duration', () => {
  it.each([
    ['0ms', 0],
    ['250ms', 250],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h', 3_600_000],
    ['7d', 604_800_000],
  ])('%s is %d milliseconds', (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  it.each(['', '10', '1.5s', '-1s', '10 m', '10M', '1h30m', '9999999999s', 'constructor'])(
    '"%s" is none',
    (text) => {
      expect(() => parseDuration(text)).toThrow(DurationError);
    },
  );

  it('is written in its largest whole unit, and read back as the same', () => {
    expect(formatDuration(600_000)).toBe('10m');
    expect(formatDuration(90_000)).toBe('90s');
    expect(formatDuration(0)).toBe('0s');
    expect(formatDuration(0.2)).toBe('1ms');
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999 }), (milliseconds) => {
        expect(parseDuration(formatDuration(milliseconds))).toBe(milliseconds);
      }),
    );
  });
});
