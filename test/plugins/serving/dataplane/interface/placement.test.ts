import { describe, expect, it } from 'vitest';
import { choosePlacement } from '../../../../../plugins/serving/dataplane/interface/placement.ts';

const mebibyte = 1024 * 1024;
const small = { runMs: 0.01, size: 1 };

describe('where a version runs', () => {
  it.each([
    ['short runs, a small file', small, 'inline'],
    ['the longest of short runs', { ...small, runMs: 0.49 }, 'inline'],
    ['the shortest of long runs', { ...small, runMs: 0.5 }, 'worker'],
    ['long runs', { ...small, runMs: 20 }, 'worker'],
    ['the largest of small files', { ...small, size: 8 * mebibyte }, 'inline'],
    ['the smallest of large files', { ...small, size: 8 * mebibyte + 1 }, 'worker'],
    ['long runs, a large file', { runMs: 20, size: 100 * mebibyte }, 'worker'],
    ['the processor, as its session says', { ...small, session: { provider: 'cpu' } }, 'inline'],
    ['another device', { ...small, session: { provider: 'cuda' } }, 'worker'],
    ['a session that says nothing of its device', { ...small, session: { intraOpThreads: 2 } }, 'inline'],
  ] as const)('follows from what was measured: %s', (_, measured, placement) => {
    expect(choosePlacement('auto', measured)).toBe(placement);
  });

  it.each(['inline', 'worker'] as const)('is %s where its entry says so, whatever was measured', (wanted) => {
    for (const measured of [
      small,
      { runMs: 20, size: 100 * mebibyte, session: { provider: 'cuda' } },
    ] as const)
      expect(choosePlacement(wanted, measured)).toBe(wanted);
  });
});
