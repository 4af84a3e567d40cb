import { describe, expect, it } from 'vitest';
import { backoff } from '../../../core/control/backoff.ts';

describe('back-off', () => {
  it('starts at 750 ms and doubles up to 15 minutes', () => {
    const without = [1, 2, 3, 11, 12, 500].map((attempt) => backoff(attempt, () => 1));
    expect(without).toEqual([750, 1500, 3000, 768_000, 900_000, 900_000]);
  });

  it('is jittered by at most a fifth', () => {
    expect(backoff(1, () => 0)).toBe(600);
    expect(backoff(1, () => 0.5)).toBe(675);
  });
});
