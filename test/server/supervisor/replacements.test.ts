import { describe, expect, it } from 'vitest';
import { Replacements } from '../../../server/supervisor/replacements.ts';

describe('processes that have outgrown their memory', () => {
  function started(count: number) {
    const begun: number[] = [];
    const replacements = new Replacements(count, (index) => begun.push(index));
    for (let index = 0; index < count; index++) replacements.isUp(index);
    return { replacements, begun };
  }

  it('give way one after the other, each once the one before has its successor', () => {
    const { replacements, begun } = started(3);
    for (const index of [2, 0, 0, 1]) replacements.wanted(index);
    expect(begun).toEqual([2]);
    replacements.ended(2);
    expect(begun).toEqual([2]);
    replacements.isUp(2);
    expect(begun).toEqual([2, 0]);
    replacements.ended(0);
    replacements.isUp(0);
    expect(begun).toEqual([2, 0, 1]);
  });

  it('wait while another is down for a reason of its own', () => {
    const { replacements, begun } = started(2);
    replacements.ended(1);
    replacements.wanted(0);
    expect(begun).toEqual([]);
    replacements.isUp(1);
    expect(begun).toEqual([0]);
  });

  it('are not waited for where they ended by themselves', () => {
    const { replacements, begun } = started(2);
    replacements.ended(1);
    replacements.wanted(0);
    replacements.ended(0);
    replacements.isUp(0);
    replacements.isUp(1);
    expect(begun).toEqual([]);
  });

  it('give way at once where they are alone', () => {
    const { replacements, begun } = started(1);
    replacements.wanted(0);
    expect(begun).toEqual([0]);
  });
});
