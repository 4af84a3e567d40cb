import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, type NumericData } from '../../../../../plugins/serving/dataplane/tensor/datatypes.ts';
import { RowMemory } from '../../../../../plugins/serving/dataplane/tensor/row-memory.ts';

describe('memory of rows', () => {
  it('is given to nobody twice', () => {
    const sizes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 6_000 }));
    fc.assert(
      fc.property(
        fc.constantFrom('UINT8' as const, 'FP16' as const, 'FP32' as const, 'FP64' as const),
        fc.array(fc.tuple(sizes, fc.boolean()), { minLength: 1, maxLength: 60 }),
        (datatype, requests) => {
          const memory = new RowMemory();
          const facts = factsOf(datatype);
          const given: NumericData[] = [];
          for (const [index, [elements, isCopied]] of requests.entries()) {
            const data = new facts.array!(elements);
            data.fill((index + 1) as never);
            const bytes = new Uint8Array(data.buffer);
            // Where it came from is not aligned.
            const moved = Buffer.concat([Buffer.alloc(1), bytes]).subarray(1);
            if (isCopied) given.push(memory.copy(facts, moved));
            else {
              given.push(memory.take(facts, elements));
              given[index]!.fill((index + 1) as never);
            }
          }
          for (const [index, [elements]] of requests.entries()) {
            expect(given[index]).toHaveLength(elements);
            expect(given[index]!.every((value) => value === index + 1)).toBe(true);
          }
        },
      ),
      { numRuns: 50 },
    );
  });
});
