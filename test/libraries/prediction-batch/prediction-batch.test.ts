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

  it('grows with what is put into it, and memory that is given back is used again', () => {
    const encoder = new BatchEncoder();
    const long = { ...record, tenant: 'x'.repeat(300_000) };
    encoder.add(origin, long);
    const { parts, memory, records } = encoder.take(writer);
    expect(records).toBe(1);
    expect(decodeBatch(Buffer.concat(parts)).records[0]).toEqual({ ...long, origin });
    encoder.reuse(memory);
    encoder.take(writer);
    encoder.add(origin, record);
    const second = encoder.take(writer);
    expect(second.memory).toBe(memory);
    expect(decodeBatch(Buffer.concat(second.parts)).records).toEqual([{ ...record, origin }]);
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
