import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IncomingBody } from '../../../../../plugins/serving/dataplane/http/body.ts';
import { BodyBudget } from '../../../../../plugins/serving/dataplane/http/body-budget.ts';
import { Announced, Pieces } from '../../../../../plugins/serving/dataplane/http/gathering.ts';

const pieces = fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { minLength: 2, maxLength: 8 });

describe('pieces of a body', () => {
  it.each([
    ['of any length', (_: number, alignedAt: number) => new Pieces(alignedAt)],
    ['of an announced length', (length: number, alignedAt: number) => new Announced(length, alignedAt)],
  ])('%s become one, with the byte that is asked for at a multiple of eight', (_, gatheringOf) => {
    fc.assert(
      fc.property(pieces, fc.nat({ max: 400 }), (arrays, alignedAt) => {
        const expected = Buffer.concat(arrays);
        const gathering = gatheringOf(expected.length, alignedAt);
        for (const array of arrays) gathering.add(Buffer.from(array));
        const whole = gathering.whole();
        expect(whole.equals(expected)).toBe(true);
        expect((whole.byteOffset + alignedAt) % 8).toBe(0);
      }),
    );
  });

  it('may be lent where the length is announced', () => {
    fc.assert(
      fc.property(pieces, (arrays) => {
        const expected = Buffer.concat(arrays);
        const gathering = new Announced(expected.length, undefined);
        const lent = Buffer.alloc(40);
        for (const array of arrays) {
          lent.set(array);
          gathering.add(lent.subarray(0, array.length));
          lent.fill(0);
        }
        expect(gathering.whole().equals(expected)).toBe(true);
      }),
    );
  });

  it.each([undefined, 13])('give a body once all have come, of announced length %j', async (announced) => {
    const bodyBudget = new BodyBudget(10_000);
    const body = new IncomingBody({ bodyLimit: 1_000, bodyBudget, alignedAt: 5 }, announced);
    body.take(Buffer.from('{"a"}'));
    body.take(Buffer.from('12345678'));
    body.end();
    const { bytes } = await body.whole;
    expect(bytes.toString()).toBe('{"a"}12345678');
    expect((bytes.byteOffset + 5) % 8).toBe(0);
  });
});

it('a body that announces much gets no memory for it before much has come', () => {
  const gathering = new Announced(64 * 2 ** 20, undefined);
  gathering.add(Buffer.alloc(1_000));
  expect(gathering.whole().length).toBeLessThan(40_000);
});
