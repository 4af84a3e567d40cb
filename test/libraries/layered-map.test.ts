import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayeredMap } from '../../libraries/layered-map/index.ts';

describe('a layered map', () => {
  it('is a map like any other after any changes', () => {
    const changes = fc.array(
      fc.dictionary(fc.constantFrom(...'abcdefgh'), fc.option(fc.nat(9), { nil: undefined })),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(changes, fc.boolean(), (steps, isLarge) => {
        const start = new Map<string, number>(
          isLarge ? Array.from({ length: 100 }, (_, index) => [`x${index}`, index]) : [],
        );
        let layered = LayeredMap.of<string, number>(new Map(start));
        let before = layered;
        const plain = new Map(start);
        for (const step of steps) {
          before = layered;
          const changed = new Map(Object.entries(step));
          layered = layered.with(changed);
          for (const [key, value] of changed) {
            if (value === undefined) plain.delete(key);
            else plain.set(key, value);
          }
          expect(new Map(layered)).toEqual(plain);
          expect([layered.size, [...layered.keys()].length, [...layered.values()].length]).toEqual([
            plain.size,
            plain.size,
            plain.size,
          ]);
          for (const key of 'abcdefgh')
            expect([layered.get(key), layered.has(key)]).toEqual([plain.get(key), plain.has(key)]);
          const differing = [...'abcdefgh'].filter((key) => before.get(key) !== layered.get(key));
          expect([...LayeredMap.differing(before, layered)].sort()).toEqual(differing);
          expect([...LayeredMap.differing(new Map(before), plain)].sort()).toEqual(differing);
        }
      }),
    );
  });

  it('stays cheap over many changes and gives back what was removed', () => {
    let layered = LayeredMap.of<string, number>(new Map());
    for (let index = 0; index < 2_000; index += 1) layered = layered.with(new Map([[`k${index}`, index]]));
    for (let index = 0; index < 2_000; index += 2)
      layered = layered.with(new Map([[`k${index}`, undefined]]));
    expect([layered.size, [...layered].length, layered.get('k1'), layered.has('k0')]).toEqual([
      1_000,
      1_000,
      1,
      false,
    ]);
    const seen: [string, number][] = [];
    layered.forEach((value, key) => {
      seen.push([key, value]);
    });
    expect(seen).toEqual([...layered]);
  });
});
