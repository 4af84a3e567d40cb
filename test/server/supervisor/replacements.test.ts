import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Replacements } from '../../../server/supervisor/replacements.ts';

describe('processes that have outgrown their memory', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  function started(count: number) {
    const begun: number[] = [];
    const replacements = new Replacements({ count, begin: (index) => begun.push(index) });
    for (let index = 0; index < count; index++) replacements.isUp(index);
    const restarted = (index: number) => {
      replacements.ended(index);
      replacements.isUp(index);
    };
    return { replacements, begun, restarted };
  }

  it('give way one after the other, each once the one before has its successor', () => {
    const { replacements, begun, restarted } = started(3);
    for (const index of [2, 0, 0, 1]) replacements.wanted(index);
    expect(begun).toEqual([2]);
    replacements.ended(2);
    expect(begun).toEqual([2]);
    replacements.isUp(2);
    expect(begun).toEqual([2, 0]);
    restarted(0);
    expect(begun).toEqual([2, 0, 1]);
  });

  it('wait while another is down for a reason of its own, but not for ever', () => {
    const { replacements, begun } = started(2);
    replacements.ended(1);
    replacements.wanted(0);
    expect(begun).toEqual([]);
    replacements.isUp(1);
    expect(begun).toEqual([0]);
    replacements.ended(0);
    replacements.wanted(1);
    vi.advanceTimersByTime(9_999);
    expect(begun).toEqual([0]);
    vi.advanceTimersByTime(1);
    expect(begun).toEqual([0, 1]);
  });

  it('are not replaced again within a minute', () => {
    const { replacements, begun, restarted } = started(1);
    replacements.wanted(0);
    restarted(0);
    vi.advanceTimersByTime(20_000);
    replacements.wanted(0);
    vi.advanceTimersByTime(39_999);
    expect(begun).toEqual([0]);
    vi.advanceTimersByTime(1);
    expect(begun).toEqual([0, 0]);
  });

  it('are not waited for where they ended by themselves', () => {
    const { replacements, begun, restarted } = started(2);
    replacements.ended(1);
    replacements.wanted(0);
    restarted(0);
    replacements.isUp(1);
    vi.advanceTimersByTime(100_000);
    expect(begun).toEqual([]);
  });
});
