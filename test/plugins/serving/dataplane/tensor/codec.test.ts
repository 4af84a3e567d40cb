import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { markLongIntegers } from '../../../../../libraries/long-integers/index.ts';
import { decodeBinary, encodeBinary } from '../../../../../plugins/serving/dataplane/tensor/binary.ts';
import {
  type Datatype,
  datatypes,
  factsOf,
  type TensorData,
} from '../../../../../plugins/serving/dataplane/tensor/datatypes.ts';
import { halfToNumber, numberToHalf } from '../../../../../plugins/serving/dataplane/tensor/half.ts';
import { decodeJson } from '../../../../../plugins/serving/dataplane/tensor/json-decode.ts';
import { encodeJson } from '../../../../../plugins/serving/dataplane/tensor/json-encode.ts';
import { readNumberArray } from '../../../../../plugins/serving/dataplane/tensor/number-array.ts';
import { RowMemory } from '../../../../../plugins/serving/dataplane/tensor/row-memory.ts';
import { elementsOf, type Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 });

function elements(datatype: Datatype): fc.Arbitrary<number | bigint | string> {
  const { form, smallest, largest } = factsOf(datatype);
  if (form === 'text')
    return fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.replaceAll('\0', ''));
  if (form === 'big') return fc.bigInt({ min: BigInt(smallest), max: BigInt(largest) });
  if (form === 'half') return fc.integer({ min: 0, max: 65_535 });
  if (datatype === 'FP32') return fc.float({ noNaN: true, noDefaultInfinity: true });
  if (form === 'float') return fc.double({ noNaN: true, noDefaultInfinity: true });
  return fc.integer({ min: Number(smallest), max: Number(largest) });
}

function tensors(datatype: Datatype): fc.Arbitrary<Tensor> {
  return shapes.chain((shape) => {
    const size = elementsOf(shape);
    return fc.array(elements(datatype), { minLength: size, maxLength: size }).map((values) => {
      const { array } = factsOf(datatype);
      if (array === undefined) return { datatype, shape, data: values as string[] };
      const data = new array(size);
      for (const [index, value] of values.entries()) data[index] = value as never;
      return { datatype, shape, data };
    });
  });
}

/** Nests flat JSON elements as the shape says. */
function nest(flat: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length === 0) return flat[0];
  const [size, ...inner] = shape;
  const step = elementsOf(inner);
  return Array.from({ length: size! }, (_, index) =>
    nest(flat.slice(index * step, (index + 1) * step), inner),
  );
}

function same(a: TensorData, b: TensorData): void {
  expect(b).toEqual(a);
}

describe.each(datatypes)('%s', (datatype) => {
  it('comes back from binary as it was, wherever it lies in memory', () => {
    fc.assert(
      fc.property(tensors(datatype), fc.integer({ min: 0, max: 9 }), (tensor, offset) => {
        const bytes = encodeBinary(tensor);
        const moved = Buffer.concat([Buffer.alloc(offset), bytes]).subarray(offset);
        same(tensor.data, decodeBinary(moved, datatype, elementsOf(tensor.shape), 'input', new RowMemory()));
      }),
    );
  });

  it('is refused in binary when a byte is missing or left over', () => {
    fc.assert(
      fc.property(tensors(datatype), (tensor) => {
        const bytes = encodeBinary(tensor);
        const size = elementsOf(tensor.shape);
        expect(() =>
          decodeBinary(bytes.subarray(0, -1), datatype, size, 'input "x"', new RowMemory()),
        ).toThrow(/^input "x": /);
        const longer = Buffer.concat([bytes, Buffer.alloc(1)]);
        expect(() => decodeBinary(longer, datatype, size, 'input "x"', new RowMemory())).toThrow(
          /^input "x": /,
        );
      }),
    );
  });
});

const inJson = datatypes.filter((datatype) => datatype !== 'FP16');

describe.each(inJson)('%s', (datatype) => {
  it('comes back from JSON as it was, flat and nested', () => {
    fc.assert(
      fc.property(tensors(datatype), ({ data, shape }) => {
        const json = `[${encodeJson({ datatype, shape, data }, 'y')}]`;
        const flat = JSON.parse(
          factsOf(datatype).form === 'big' ? markLongIntegers(json) : json,
        ) as unknown[];
        same(zeroSigned(data), decodeJson(flat, datatype, shape, 'input'));
        same(zeroSigned(data), decodeJson(nest(flat, shape), datatype, shape, 'input'));
      }),
    );
  });
});

/** JSON writes -0 as 0. */
function zeroSigned(data: TensorData): TensorData {
  if (Array.isArray(data)) return data;
  const copy = data.slice();
  for (let index = 0; index < copy.length; index++) if (copy[index] === 0) copy[index] = 0 as never;
  return copy;
}

describe('texts in binary', () => {
  it('are refused when their length points behind the end, or when they are not UTF-8', () => {
    const tooLong = Buffer.from([255, 255, 255, 255, 65]);
    expect(() => decodeBinary(tooLong, 'BYTES', 1, 'input "x"', new RowMemory())).toThrow(
      'longer than the binary data',
    );
    expect(() => decodeBinary(Buffer.from([1, 0]), 'BYTES', 1, 'input "x"', new RowMemory())).toThrow(
      'no room for its length',
    );
    const notText = Buffer.from([1, 0, 0, 0, 0xff]);
    expect(() => decodeBinary(notText, 'BYTES', 1, 'input "x"', new RowMemory())).toThrow(
      'element 0 is not UTF-8',
    );
  });

  it('are refused where the runtime would cut them: at a NUL, in JSON, too', () => {
    const cut = 'element 1 holds the character NUL';
    const bytes = Buffer.from([1, 0, 0, 0, 0x61, 3, 0, 0, 0, 0x61, 0, 0x62]);
    expect(() => decodeBinary(bytes, 'BYTES', 2, 'input "x"', new RowMemory())).toThrow(cut);
    expect(() => decodeJson(['a', 'a\0b'], 'BYTES', [2], 'input "x"')).toThrow(cut);
  });
});

describe('texts in JSON', () => {
  it('are refused where they are half of a character, which UTF-8 cannot say', () => {
    for (const half of ['\ud83d', 'a\ude00', '\ude00\ud83d'])
      expect(() => decodeJson(['😀', half], 'BYTES', [2], 'input "x"')).toThrow(
        'element 1 holds half of a character',
      );
  });
});

describe('booleans in binary', () => {
  it('are refused when a byte is neither 0 nor 1', () => {
    expect(() => decodeBinary(Buffer.from([2]), 'BOOL', 1, 'input "x"', new RowMemory())).toThrow(
      'must be 0 or 1',
    );
  });
});

describe('numbers in JSON', () => {
  it.each([
    ['INT8', 128],
    ['INT8', -129],
    ['UINT8', -1],
    ['UINT16', 65_536],
    ['INT32', 2_147_483_648],
    ['UINT32', -1],
    ['FP32', 3.5e38],
  ] as const)('are refused out of the range of %s: %d', (datatype, value) => {
    expect(() => decodeJson([value], datatype, [1], 'input "x"')).toThrow(`out of the range of ${datatype}`);
  });

  it.each(['INT64', 'UINT64'] as const)(
    'are refused out of the range of %s with all their digits',
    (datatype) => {
      const parsed = JSON.parse(markLongIntegers('[18446744073709551616]')) as unknown[];
      expect(() => decodeJson(parsed, datatype, [1], 'input "x"')).toThrow('18446744073709551616');
    },
  );

  it.each(['INT8', 'INT32', 'INT64'] as const)('are refused with a fraction for %s', (datatype) => {
    expect(() => decodeJson([1.5], datatype, [1], 'input "x"')).toThrow('must be a whole number');
  });
});

describe('long integers', () => {
  it('are marked nowhere but where they stand as numbers', () => {
    const text =
      '{"a": "1234567890123456789", "b\\"": [1.23456789012345678, 1e1234567890123456, 5], "c": "\\\\"}';
    expect(markLongIntegers(text)).toBe(text);
    const marked = JSON.parse(markLongIntegers('{"a\\\\": [-1234567890123456789, "x"]}')) as Record<
      string,
      unknown[]
    >;
    expect(decodeJson([marked['a\\']?.[0]], 'INT64', [1], 'x')).toEqual(
      BigInt64Array.of(-1234567890123456789n),
    );
  });
});

describe('numbers read straight from their bytes', () => {
  const numberTexts = fc.oneof(
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.float({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.integer().map(String),
    fc
      .tuple(fc.bigInt(), fc.bigInt({ min: 0n, max: 10n ** 20n }), fc.integer({ min: -40, max: 40 }))
      .map(([whole, fraction, exponent]) => `${whole}.${fraction}e${exponent}`),
    // Halfway between two numbers of FP32, and a hair beside it: where a second rounding shows.
    fc
      .tuple(
        fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(1e-30), max: Math.fround(1e30) }),
        fc.constantFrom(0, 1, -1),
      )
      .map(([value, hair]) => {
        const half = (value + nextFloat(value)) / 2;
        return String(half * (1 + hair * Number.EPSILON));
      }),
  );

  it('are those that JSON.parse reads, rounded once', () => {
    fc.assert(
      fc.property(
        fc.array(numberTexts, { minLength: 1, maxLength: 20 }),
        fc.constantFrom('', ' ', '\n\t'),
        (texts, space) => {
          const json = Buffer.from(`[${space}${texts.join(`${space},${space}`)}${space}]`);
          const expected = Float32Array.from(JSON.parse(json.toString()) as number[]);
          const read = readNumberArray(json, 0, json.length, 'FP32', texts.length, new RowMemory());
          if (expected.every(Number.isFinite)) expect(read).toEqual(expected);
          else expect(read).toBeUndefined();
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    '[01]',
    '[1.]',
    '[.5]',
    '[+1]',
    '[1e]',
    '[-]',
    '[1,]',
    '[1 2]',
    '["1"]',
    '[null]',
    '[1',
    '[1]]',
    '[1e400]',
  ])('are left alone where JSON.parse or the datatype would refuse them: %s', (text) => {
    expect(readNumberArray(Buffer.from(text), 0, text.length, 'FP32', 1, new RowMemory())).toBeUndefined();
  });

  it.each(['[256]', '[-1]', '[1.0]', '[1e2]'])(
    'are left alone where a whole number does not fit: %s',
    (text) => {
      expect(readNumberArray(Buffer.from(text), 0, text.length, 'UINT8', 1, new RowMemory())).toBeUndefined();
    },
  );
});

function nextFloat(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = bits[0]! + 1;
  return new Float32Array(bits.buffer)[0]!;
}

describe('half-precision numbers', () => {
  it('come back from a number as they were', () => {
    for (let half = 0; half < 65_536; half++) {
      const value = halfToNumber(half);
      if (Number.isNaN(value)) continue;
      expect(numberToHalf(value)).toBe(half);
    }
  });

  it('are the nearest to a number', () => {
    fc.assert(
      fc.property(fc.double({ min: -70_000, max: 70_000, noNaN: true }), (value) => {
        const half = numberToHalf(value);
        if (Math.abs(value) >= 65_520) {
          expect(halfToNumber(half)).toBe(Math.sign(value) * Infinity);
          return;
        }
        const error = Math.abs(halfToNumber(half) - value);
        for (const neighbour of [half - 1, half + 1]) {
          const other = Math.abs(halfToNumber(neighbour & 0xffff) - value);
          if (!Number.isNaN(other)) expect(error).toBeLessThanOrEqual(other);
        }
      }),
    );
  });
});
