import {
  type BatchWriter,
  batchMagic,
  type LoggedTensor,
  type PredictionBatch,
  type PredictionOrigin,
} from './batch.ts';

/** The bytes are no whole batch. */
export class BatchError extends Error {}

/** Reads a batch. Throws `BatchError` for whatever is not one, whole: a batch is taken all or not at all. */
export function decodeBatch(bytes: Buffer): PredictionBatch {
  if (bytes.length < batchMagic.length + 4 || bytes.toString('latin1', 0, batchMagic.length) !== batchMagic) {
    throw new BatchError('it does not begin as a batch does');
  }
  try {
    return read(new Reader(bytes));
  } catch (error) {
    if (error instanceof BatchError) throw error;
    throw new BatchError(`it is cut off or damaged: ${error instanceof Error ? error.message : error}`);
  }
}

interface Header {
  readonly writer: BatchWriter;
  readonly origins: readonly PredictionOrigin[];
  readonly records: number;
}

function read(reader: Reader): PredictionBatch {
  reader.skip(batchMagic.length);
  const { writer, origins, records: count } = JSON.parse(reader.text()) as Header;
  const records: PredictionBatch['records'][number][] = [];
  for (let index = 0; index < count; index++) {
    const length = reader.u32();
    const end = reader.offset + length;
    const origin = origins[reader.u16()];
    if (origin === undefined) throw new BatchError('a prediction comes from nowhere');
    records.push({
      origin,
      id: reader.id(),
      at: reader.f64(),
      milliseconds: reader.f64(),
      trace: reader.text(),
      tenant: reader.text(),
      subjects: reader.texts(),
      inputs: origin.inputs.map(({ datatype }) => reader.tensor(datatype)),
      outputs: origin.outputs.map(({ datatype }) => reader.tensor(datatype)),
      ...(origin.hasOutliers === true ? { outliers: reader.numbers() } : {}),
    });
    if (reader.offset !== end) throw new BatchError('a prediction is longer or shorter than it says');
  }
  if (!reader.isAtEnd) throw new BatchError('something follows the last prediction');
  return { writer, records };
}

class Reader {
  readonly #bytes: Buffer;
  offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.offset === this.#bytes.length;
  }

  skip(bytes: number): void {
    this.offset += bytes;
  }

  u16(): number {
    const value = this.#bytes.readUInt16LE(this.offset);
    this.offset += 2;
    return value;
  }

  u32(): number {
    const value = this.#bytes.readUInt32LE(this.offset);
    this.offset += 4;
    return value;
  }

  f64(): number {
    const value = this.#bytes.readDoubleLE(this.offset);
    this.offset += 8;
    return value;
  }

  id(): string {
    return this.#take(36).toString('latin1');
  }

  text(): string {
    return this.#take(this.u32()).toString('utf8');
  }

  tensor(datatype: string): LoggedTensor {
    const state = this.#byte();
    const rank = this.#byte();
    const shape = Array.from({ length: rank }, () => this.u32());
    if (state === 1) return { shape, data: 'redacted' };
    if (state === 2) return { shape, data: 'too large' };
    if (state === 3) return { shape, data: this.texts() };
    return { shape, data: viewOf(datatype, this.#take(this.u32())) };
  }

  numbers(): readonly number[] {
    const numbers: number[] = [];
    for (let left = this.u32(); left > 0; left--) numbers.push(this.f64());
    return numbers;
  }

  texts(): readonly string[] {
    const texts: string[] = [];
    for (let left = this.u32(); left > 0; left--) texts.push(this.text());
    return texts;
  }

  #byte(): number {
    const value = this.#bytes.readUInt8(this.offset);
    this.offset++;
    return value;
  }

  #take(length: number): Buffer {
    const end = this.offset + length;
    if (end > this.#bytes.length) throw new BatchError('it ends too early');
    const taken = this.#bytes.subarray(this.offset, end);
    this.offset = end;
    return taken;
  }
}

const arrays = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
} as const;

function viewOf(datatype: string, bytes: Buffer): ArrayBufferView {
  const array = arrays[datatype as keyof typeof arrays];
  if (array === undefined) throw new BatchError(`there is no datatype ${datatype}`);
  // Copied, so that it is aligned.
  const own = new Uint8Array(bytes);
  return new array(own.buffer);
}
