import { describe, expect, it } from 'vitest';
import { age, duration } from '../../../cli/output/age.ts';

describe('an age', () => {
  it.each([
    [0, '0s'],
    [999, '0s'],
    [59_000, '59s'],
    [61_000, '1m1s'],
    [600_000, '10m'],
    [3_600_000, '1h'],
    [3_660_000, '1h1m'],
    [90_061_000, '1d1h'],
    [864_000_000, '10d'],
  ])('of %d ms reads %s', (milliseconds, text) => {
    expect(duration(milliseconds)).toBe(text);
  });

  it('of a time in the future is nothing, and of no time a dash', () => {
    expect(age('2026-01-01T00:00:10Z', Date.parse('2026-01-01T00:00:00Z'))).toBe('0s');
    expect(age(undefined, 0)).toBe('-');
  });
});
