import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LayeredMap } from '../../../libraries/layered-map/index.ts';

describe('a layered map', () => {
  it('is a map like any other after any changes', () => {
    const keys = Array.from({ length: 90 }, (_, index) => `k${index}`);
    const change = fc.dictionary(fc.constantFrom(...keys), fc.option(fc.nat(9), { nil: undefined }), {
      maxKeys: 40,
      size: 'max',
    });
    fc.assert(
      fc.property(fc.array(change, { maxLength: 8, size: 'max' }), fc.boolean(), (steps, isLarge) => {
        const start = Array.from({ length: isLarge ? 400 : 0 }, (_, index) => [`k${index}`, index] as const);
        const plain = new Map<string, number>(start);
        const first = LayeredMap.of<string, number>(new Map(start));
        let layered = first;
        for (const step of steps) {
          const before = layered;
          const changed = new Map(Object.entries(step));
          layered = layered.with(changed);
          for (const [key, value] of changed) {
            if (value === undefined) plain.delete(key);
            else plain.set(key, value);
          }
          expect(new Map(layered)).toEqual(plain);
          expect([layered.size, [...layered.keys()].length, [...layered.values()].length]).toEqual(
            new Array(3).fill(plain.size),
          );
          for (const key of keys) {
            expect([layered.get(key), layered.has(key)]).toEqual([plain.get(key), plain.has(key)]);
          }
          for (const other of [before, first]) {
            const differing = keys.filter((key) => other.get(key) !== layered.get(key)).sort();
            expect([...LayeredMap.differing(other, layered)].sort()).toEqual(differing);
            expect([...LayeredMap.differing(new Map(other), plain)].sort()).toEqual(differing);
          }
        }
        expect(new Map(first)).toEqual(new Map(start));
      }),
      { numRuns: 60 },
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
