import { describe, expect, it } from 'vitest';
import {
  BatchEncoder,
  BatchError,
  type BatchWriter,
  batchFileName,
  decodeBatch,
  type PredictionOrigin,
  type PredictionRecord,
  recordsInFile,
} from '../../../libraries/prediction-batch/index.ts';

const writer: BatchWriter = {
  process: '0',
  pid: 7,
  startedAt: 1_000,
  sequence: 3,
  taken: 12,
  dropped: 1,
  isLast: false,
};

const origin: PredictionOrigin = {
  environment: 'production',
  deployment: 'bird-strike',
  model: 'bird-strike',
  version: '1.0.0',
  variant: 'stable',
  commit: 'c'.repeat(40),
  hasRows: true,
  inputs: [
    { name: 'speed', datatype: 'FP32' },
    { name: 'phase', datatype: 'BYTES' },
    { name: 'operator', datatype: 'BYTES' },
    { name: 'image', datatype: 'UINT8' },
  ],
  outputs: [{ name: 'count', datatype: 'INT64' }],
};

const record: PredictionRecord = {
  id: '018f3c2a-7b1e-7000-8000-0123456789ab',
  at: 1_764_400_000_123,
  milliseconds: 1.25,
  trace: 'a'.repeat(32),
  tenant: 'Öko GmbH ✈',
  subjects: ['one', ''],
  inputs: [
    { shape: [2, 1], data: Float32Array.of(210, Number.NaN) },
    { shape: [2, 1], data: ['Climb', 'Überflug'] },
    { shape: [2, 1], data: 'redacted' },
    { shape: [2, 3, 3], data: 'too large' },
  ],
  outputs: [{ shape: [2, 1], data: BigInt64Array.of(2n ** 62n, -1n) }],
};

function batchOf(count: number): Buffer {
  const encoder = new BatchEncoder();
  for (let index = 0; index < count; index++) encoder.add(origin, { ...record, at: record.at + index });
  return Buffer.concat(encoder.take(writer).parts);
}

describe('a batch of predictions', () => {
  it('says after the way what it said before', () => {
    const { writer: read, records } = decodeBatch(batchOf(2));
    expect(read).toEqual(writer);
    expect(records).toEqual([
      { ...record, origin },
      { ...record, origin, at: record.at + 1 },
    ]);
  });

  it('holds records of every length, in order and whole, and uses memory again that is given back', () => {
    const encoder = new BatchEncoder();
    // About its pieces of 256 KB: many in one, one that just fits or does not, and some that are longer than a piece.
    const lengths = [
      0, 90_000, 90_000, 90_000, 261_000, 261_700, 262_200, 300_000, 3, 900_000, 0, 0, 200_000, 61_900,
    ];
    const long = lengths.map((length, index) => ({
      ...record,
      at: record.at + index,
      inputs: [...record.inputs.slice(0, 3), { shape: [length], data: new Uint8Array(length).fill(index) }],
    }));
    const given: Buffer[] = [];
    for (let round = 0; round < 2; round++) {
      for (const one of long) encoder.add(origin, one);
      const { parts, memory, records } = encoder.take(writer);
      expect(records).toBe(long.length);
      const read = decodeBatch(Buffer.concat(parts)).records;
      expect(read.map(({ at, tenant }) => [at, tenant])).toEqual(long.map(({ at, tenant }) => [at, tenant]));
      // Compared as buffers: `toEqual` looks at each of a million bytes.
      for (const [index, { inputs }] of read.entries()) {
        expect(Buffer.alloc(lengths[index]!, index).equals(inputs[3]?.data as Uint8Array), `${index}`).toBe(
          true,
        );
      }
      if (round === 1) expect(memory.filter((piece) => given.includes(piece)).length).toBeGreaterThan(1);
      given.push(...memory);
      encoder.reuse(memory);
    }
  });

  it('holds a text that needs three bytes for each of its units', () => {
    const encoder = new BatchEncoder();
    const long = { ...record, tenant: '✈'.repeat(300_000), subjects: ['✈'.repeat(70_000), 'x'] };
    for (const one of [record, long, record]) encoder.add(origin, one);
    const { records } = decodeBatch(Buffer.concat(encoder.take(writer).parts));
    expect(records).toEqual([record, long, record].map((one) => ({ ...one, origin })));
  });

  it('holds every number as it is, of short tensors and of long ones', () => {
    const encoder = new BatchEncoder();
    const one = { ...origin, inputs: [{ name: 'x', datatype: 'FP32' }], outputs: [] };
    const special = [Number.NaN, -0, Number.NEGATIVE_INFINITY, 2 ** -149, 3.4e38];
    const written = [0, 1, 31, 32, 33, 784].map((length) =>
      // Views that begin somewhere in a larger memory, as rows of a run are.
      Float32Array.from({ length: length + 3 }, (_, index) => special[index % 7] ?? index / 3).subarray(3),
    );
    for (const data of written)
      encoder.add(one, { ...record, inputs: [{ shape: [1, data.length], data }], outputs: [] });
    const { records } = decodeBatch(Buffer.concat(encoder.take(writer).parts));
    expect(records.map(({ inputs }) => inputs[0]?.data)).toEqual(written);
  });

  it('holds nothing of a record that was begun and not finished', () => {
    const encoder = new BatchEncoder();
    encoder.add(origin, record);
    const begin = (): void => {
      encoder.begin(origin, record, record.trace, record.tenant, record.subjects);
      // Longer than a piece: what is whole stays in the one before.
      encoder.tensor([300_000], new Uint8Array(300_000));
    };
    begin();
    encoder.add(origin, { ...record, at: 7 });
    begin();
    const { parts, records: count } = encoder.take(writer);
    encoder.add(origin, { ...record, at: 8 });
    const { records } = decodeBatch(Buffer.concat(parts));
    expect([count, ...records.map(({ at }) => at)]).toEqual([2, record.at, 7]);
    expect(decodeBatch(Buffer.concat(encoder.take(writer).parts)).records.map(({ at }) => at)).toEqual([8]);
  });

  it('is refused whole wherever it is cut off', () => {
    const bytes = batchOf(1);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeBatch(bytes.subarray(0, length)), `${length} bytes`).toThrow(BatchError);
    }
    expect(() => decodeBatch(Buffer.concat([bytes, Buffer.of(0)]))).toThrow(BatchError);
  });

  it('never gives more than it held, whatever byte of it is damaged', () => {
    const bytes = batchOf(2);
    for (let place = 0; place < bytes.length; place++) {
      const damaged = Buffer.from(bytes);
      damaged[place] = (damaged[place] ?? 0) ^ 0xff;
      try {
        expect(decodeBatch(damaged).records.length).toBeLessThanOrEqual(2);
      } catch (error) {
        expect(error).toBeInstanceOf(BatchError);
      }
    }
  });

  it('has a name by which batches sort in their order and that tells how many predictions it holds', () => {
    const first = batchFileName(writer, 5, 999);
    const second = batchFileName({ ...writer, sequence: 4 }, 12, 1_000);
    expect([second, first].sort()).toEqual([first, second]);
    expect([recordsInFile(first), recordsInFile(`${second}.draft`), recordsInFile('notes.txt')]).toEqual([
      5,
      12,
      undefined,
    ]);
  });
});
