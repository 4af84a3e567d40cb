import { describe, expect, it } from 'vitest';
import { unfoldDeprecatedLz4, unfoldLz4 } from '../../../libraries/data-file/lz4.ts';

/** A sequence: literals, and where there is one, a match. */
function sequence(
  literals: string,
  match?: { readonly distance: number; readonly length: number },
): number[] {
  const lengths = [literals.length, (match?.length ?? 4) - 4];
  const [high, low] = lengths.map((length) => Math.min(length, 15)) as [number, number];
  const [more, moreOfMatch] = lengths.map((length) =>
    length < 15 ? [] : [...Array<number>(Math.floor((length - 15) / 255)).fill(255), (length - 15) % 255],
  ) as [number[], number[]];
  const behind = match === undefined ? [] : [match.distance & 255, match.distance >> 8, ...moreOfMatch];
  return [(high << 4) | low, ...more, ...Buffer.from(literals, 'latin1'), ...behind];
}

const block = (...sequences: readonly number[][]) => Uint8Array.from(sequences.flat());
const lengthOf = (value: number) => [0, 0, value >> 8, value & 255];
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');

const long = 'abcdefghijklmnopqrstuvwxyz'.repeat(20);

describe('a block of LZ4', () => {
  it.each([
    ['literals alone', block(sequence('abc')), 'abc'],
    ['many literals', block(sequence(long)), long],
    ['a match', block(sequence('abcd', { distance: 4, length: 4 }), sequence('e')), 'abcdabcde'],
    [
      'a match over what it makes',
      block(sequence('ab', { distance: 2, length: 7 }), sequence('!')),
      'ababababa!',
    ],
    ['a long match', block(sequence(long, { distance: 520, length: 520 }), sequence('')), long + long],
    ['a run', block(sequence('x', { distance: 1, length: 700 }), sequence('y')), `${'x'.repeat(701)}y`],
  ])('unfolds: %s', (_, input, expected) => {
    expect(text(unfoldLz4(input, expected.length))).toBe(expected);
    expect(text(unfoldDeprecatedLz4(input, expected.length))).toBe(expected);
    for (const size of [expected.length - 1, expected.length + 1]) {
      expect(() => unfoldLz4(input, size)).toThrow('unfolds to another size');
      expect(() => unfoldDeprecatedLz4(input, size)).toThrow('unfolds to another size');
    }
  });

  it.each([
    ['nothing', block()],
    ['literals that are cut', block(sequence('abcdef')).subarray(0, 4)],
    ['a length that is cut', Uint8Array.from([0xf0, 255])],
    ['a match before the beginning', block(sequence('ab', { distance: 3, length: 4 }), sequence(''))],
    ['a match of no distance', block(sequence('ab', { distance: 0, length: 4 }), sequence(''))],
    ['a match that is cut', block(sequence('abcd', { distance: 4, length: 4 })).subarray(0, 6)],
    ['a match at the end', block(sequence('ab', { distance: 2, length: 4 }))],
    ['a match of gigabytes', block(sequence('a', { distance: 1, length: 1e6 }), sequence(''))],
  ])('is refused with %s', (_, input) => {
    expect(() => unfoldLz4(input, 6)).toThrow('LZ4 block');
  });
});

describe('blocks of LZ4 as Hadoop writes them', () => {
  const first = block(sequence('abcd', { distance: 4, length: 4 }), sequence(''));
  const second = block(sequence('xyz'));
  const framed = (...parts: readonly (number[] | Uint8Array)[]) =>
    Uint8Array.from(parts.flatMap((part) => [...part]));
  const each = framed(
    lengthOf(8),
    lengthOf(first.length),
    first,
    lengthOf(3),
    lengthOf(second.length),
    second,
  );
  const together = framed(lengthOf(11), lengthOf(first.length), first, lengthOf(second.length), second);

  it.each([
    ['each written by itself', each],
    ['written at once', together],
  ])('are unfolded, %s', (_, input) => {
    expect(text(unfoldDeprecatedLz4(input, 11))).toBe('abcdabcdxyz');
  });

  it('are refused where they are cut, or of another size', () => {
    for (const [input, size] of [
      [each.subarray(0, -1), 11],
      [together.subarray(0, -1), 11],
      [each, 12],
      [together, 8],
    ] as const)
      expect(() => unfoldDeprecatedLz4(input, size)).toThrow('LZ4 block');
  });
});
