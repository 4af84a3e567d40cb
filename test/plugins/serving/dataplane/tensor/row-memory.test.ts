import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factsOf, type NumericData } from '../../../../../plugins/serving/dataplane/tensor/datatypes.ts';
import { giveBack, RowMemory } from '../../../../../plugins/serving/dataplane/tensor/row-memory.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';

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
            if (isCopied) given.push(memory.copy(facts, moved, 0, moved.length));
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

  it('is used again once it is given back, and never while somebody has it', () => {
    const facts = factsOf('FP32');
    const step = fc.record({
      elements: fc.oneof(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 1, max: 4_096 })),
      isCopied: fc.boolean(),
      /** Which of those that somebody has is given back before, if any. */
      givenBack: fc.option(fc.nat()),
    });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 400 }), (steps) => {
        const memory = new RowMemory();
        const held: { readonly data: NumericData; readonly value: number }[] = [];
        for (const [index, { elements, isCopied, givenBack }] of steps.entries()) {
          if (givenBack !== null && held.length > 0) {
            const [one] = held.splice(givenBack % held.length, 1);
            giveBack([tensorOf(one!.data)], []);
          }
          const value = index + 1;
          const sent = new Uint8Array(new Float32Array(elements).fill(value).buffer);
          const data = isCopied ? memory.copy(facts, sent, 0, sent.length) : memory.take(facts, elements);
          if (!isCopied) data.fill(value as never);
          held.push({ data, value });
          for (const one of held) expect(one.data.every((element) => element === one.value)).toBe(true);
        }
      }),
      { numRuns: 20 },
    );
  });

  it('is the same again for one request after the other', () => {
    const memory = new RowMemory();
    const facts = factsOf('FP32');
    const buffers = new Set<ArrayBufferLike>();
    for (let round = 0; round < 20; round++) {
      // More than a slab has room for.
      const taken = Array.from({ length: 200 }, () => tensorOf(memory.take(facts, 784)));
      for (const { data } of taken) buffers.add((data as NumericData).buffer);
      giveBack(taken, []);
    }
    expect(buffers.size).toBeLessThanOrEqual(3);
  });

  it('is freed when it ends, but for what somebody has: that is freed when it is given back', async () => {
    const memory = new RowMemory();
    const facts = factsOf('FP32');
    const first = Array.from({ length: 128 }, () => tensorOf(memory.take(facts, 784)));
    const second = Array.from({ length: 128 }, () => tensorOf(memory.take(facts, 784)));
    giveBack(first, []);
    memory.end();
    expect(isFreed(first[0]!)).toBe(true);
    expect(isFreed(second[0]!)).toBe(false);
    giveBack(second, []);
    expect(isFreed(second[0]!)).toBe(true);
  });

  it('is not used again where outputs lie in it', () => {
    const memory = new RowMemory();
    const facts = factsOf('FP32');
    const input = tensorOf(memory.take(facts, 8));
    giveBack([input], [tensorOf((input.data as Float32Array).subarray(2, 4))]);
    expect((memory.take(facts, 8) as Float32Array).byteOffset).not.toBe(
      (input.data as Float32Array).byteOffset,
    );
  });
});

function isFreed({ data }: Tensor): boolean {
  return (data as NumericData).buffer.byteLength === 0;
}

function tensorOf(data: NumericData): Tensor {
  return { datatype: 'FP32', shape: [data.length], data };
}
