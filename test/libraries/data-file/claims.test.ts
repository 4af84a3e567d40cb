import { describe, expect, it } from 'vitest';
import type { ChunkShape } from '../../../libraries/data-file/chunk-shape.ts';
import { CompactBytes } from '../../../libraries/data-file/compact-bytes.ts';
import { judgeShared, walkDeltas } from '../../../libraries/data-file/deltas.ts';
import { judgeValues } from '../../../libraries/data-file/judge-values.ts';
import { mostValues, type Page, pagesOf } from '../../../libraries/data-file/pages-of-chunk.ts';
import { walkRuns } from '../../../libraries/data-file/runs.ts';
import { walkSnappy } from '../../../libraries/data-file/snappy.ts';

const bytes = (...values: number[]) => new CompactBytes(Uint8Array.from(values));
const numbers: ChunkShape = {
  type: 'INT64',
  length: 8,
  isDecimal: false,
  isCompressed: false,
  isFlat: true,
  repetition: 0,
  definition: 0,
};

describe('what a page is described by', () => {
  it('is refused where a list claims more than is left', () => {
    // Field 1, a list of structures: 2^28 of them.
    expect(() => bytes(0x19, 0xfc, 0x80, 0x80, 0x80, 0x80, 0x01).structure()).toThrow(
      'a list claims 268435456 entries',
    );
  });

  it('is refused where a number never ends, or structures lie in each other without end', () => {
    expect(() => new CompactBytes(new Uint8Array(1000).fill(0x80)).skipLong()).toThrow('more than 64 bits');
    expect(() => new CompactBytes(new Uint8Array(1000).fill(0x80)).whole()).toThrow('more than 32 bits');
    expect(() => new CompactBytes(new Uint8Array(1000).fill(0x1c)).structure()).toThrow('more than 64 deep');
    expect(() => new CompactBytes(new Uint8Array(1000).fill(0x19)).structure()).toThrow('more than 64 deep');
  });

  it('is refused where no length is given, or one beyond its chunk', () => {
    const read = (...header: number[]) => [...pagesOf(Uint8Array.from([...header, 0]), numbers, 10)];
    // A data page; unfolded to 2 bytes; no length.
    expect(() => read(0x15, 0x00, 0x15, 0x04, 0x00)).toThrow('a page has no number');
    expect(() => read(0x15, 0x00, 0x15, 0x04, 0x15, 0x01, 0x00)).toThrow('a page has -1');
    expect(() => read(0x15, 0x00, 0x15, 0x04, 0x15, 0x7e, 0x00)).toThrow('a part ends beyond the whole');
  });

  it('is refused where it claims more values than can be held', () => {
    // A data page of no bytes, with 2^26 values.
    const header = [0x15, 0x00, 0x15, 0x00, 0x15, 0x00, 0x2c, 0x15, 0x80, 0x80, 0x80, 0x40, 0x15, 0, 0, 0, 0];
    expect(() => [...pagesOf(Uint8Array.from(header), numbers, 10)]).toThrow(
      `one of its pages has 67108864 values: at most ${mostValues}; write it with smaller pages`,
    );
  });
});

describe('runs', () => {
  it('are counted, repeated and packed', () => {
    // Three times 1; then eight of two bits, from 0 to 3 and again.
    expect(walkRuns(bytes(6, 1, 3, 0xe4, 0xe4), 2, 9, 1)).toBe(5);
    // Of one bit: 19 of 24, of which the first 8 are all set.
    expect(walkRuns(bytes(7, 0xff, 0x01, 0xff), 1, 19, 1)).toBe(12);
  });

  it('are refused where one claims more than all values', () => {
    expect(() => walkRuns(bytes(0x80, 0x80, 0x80, 0x80, 0x08, 1), 1, 250)).toThrow(
      'a run claims 1073741824 values of 250',
    );
    expect(() => walkRuns(bytes(0x81, 0x80, 0x80, 0x80, 0x08), 0, 250)).toThrow(
      'a run claims 8589934592 values of 250',
    );
    // Less than all, and more than are left.
    expect(() => walkRuns(bytes(6, 1, 6, 1), 1, 5)).toThrow('a run claims 3 values of 5');
  });

  it('may fill the last of packed values up', () => {
    expect(walkRuns(bytes(3, 0x03), 1, 2, 1)).toBe(2);
  });
});

describe('differences', () => {
  it('are refused where their blocks lead nowhere', () => {
    const block = (values: number[], parts: number[]) => () =>
      walkDeltas(bytes(...values, ...parts, 5, 0, 0, 0), 5, false);
    expect(block([0x80, 0x01], [0x04])).not.toThrow();
    expect(block([0x80, 0x01], [0xff, 0xff, 0xff, 0xff, 0x0f])).toThrow(
      'a block of differences has 128 values',
    );
    expect(block([0x00], [0x04])).toThrow('a block of differences has 0 values');
    expect(block([0x80, 0x01], [0x00])).toThrow('a block of differences has 128 values in 0 parts');
  });

  it('are refused where one is no number of 64 bits', () => {
    const head = [0x80, 0x01, 0x04, 5, 0];
    expect(() =>
      walkDeltas(new CompactBytes(Uint8Array.from([...head, ...Array(100).fill(0x80)])), 5, true),
    ).toThrow('more than 64 bits');
    expect(() => walkDeltas(bytes(...head, 0, 65, 0, 0, 0), 5, true)).toThrow('a difference has 65 bits');
  });

  it('of texts are refused where they have more, written out, than a page may', () => {
    const texts = 2000;
    const beginnings = Int32Array.from({ length: texts }, (_, place) => (place === 0 ? 0 : 1_000_000));
    const ends = Int32Array.from({ length: texts }, (_, place) => (place === 0 ? 1_000_000 : 0));
    expect(() => judgeShared(beginnings, ends)).toThrow('the texts of a page have more than');
    expect(() => judgeShared(Int32Array.of(0, 2 ** 30), Int32Array.of(1, 0))).toThrow(
      'begins as none before it',
    );
  });
});

describe('values', () => {
  const page = { type: 'data', values: 2, written: undefined, start: 0, end: 0, isCompressed: true } as const;
  const judge = (values: readonly number[], about: Partial<Page>, shape: Partial<ChunkShape>) => () =>
    judgeValues(Uint8Array.from(values), { ...page, encoding: 0, ...about }, { ...numbers, ...shape });

  it('are refused where their levels claim more than the page', () => {
    expect(judge([2, 0, 0, 0, 4, 1], {}, { definition: 1 })).not.toThrow();
    expect(judge([2, 0, 0, 0, 40, 1], {}, { definition: 1 })).toThrow('a run claims 20 values of 2');
    expect(judge([2, 0, 0, 0, 40, 1], {}, { repetition: 1 })).toThrow('a run claims 20 values of 2');
  });

  it('are refused where decimals are longer than any is', () => {
    const decimal = { isDecimal: true, type: 'BYTE_ARRAY' } as const;
    expect(judge([1, 0, 0, 0, 7, 1, 0, 0, 0, 8], {}, decimal)).not.toThrow();
    expect(judge([0, 1, 0, 0], {}, decimal)).toThrow('a decimal has 256 bytes: at most 64');
    expect(judge([], {}, { ...decimal, type: 'FIXED_LEN_BYTE_ARRAY', length: 65 })).toThrow(
      'a decimal has 65',
    );
  });

  it('are refused where their bytes are said to lie further apart than a page is long', () => {
    const split = { type: 'FIXED_LEN_BYTE_ARRAY', length: 2 ** 30 } as const;
    expect(judge([], { encoding: 9 }, split)).toThrow('a page has 2 values of 1073741824 bytes');
  });

  it('are refused where more of them are exceptions than there are', () => {
    // Parts of 8; two values; the part begins behind its place, and has 9 exceptions.
    expect(judge([0, 0, 3, 2, 0, 0, 0, 4, 0, 0, 0, 1, 1, 9, 0], { encoding: 10 }, {})).toThrow(
      'more numbers are exceptions',
    );
  });
});

it('what Snappy has folded is refused where a text has a length that leads back', () => {
  expect(() => walkSnappy(Uint8Array.of(3, 0x08, 1, 2, 3))).not.toThrow();
  expect(() => walkSnappy(Uint8Array.of(3, 0xfc, 0xf9, 0xff, 0xff, 0xff, 1))).toThrow('ends within a text');
});
