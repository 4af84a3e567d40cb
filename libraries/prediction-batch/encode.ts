import {
  type BatchWriter,
  batchMagic,
  type LoggedTensor,
  type PredictionOrigin,
  type PredictionRecord,
} from './batch.ts';

/** Of a UUID in its usual form. */
const idLength = 36;
const smallest = 64 * 1024;
const mostSpared = 4 * 1024 * 1024;

export interface TakenBatch {
  readonly parts: readonly Buffer[];
  readonly records: number;
  readonly memory: Buffer;
}

/**
 * Gathers predictions as bytes, ready to be written. Values are copied as they lie in memory: to write numbers out as text
 * would cost more than many a model does.
 */
export class BatchEncoder {
  #bytes: Buffer = Buffer.allocUnsafeSlow(smallest);
  readonly #spare: Buffer[] = [];
  #length = 0;
  #records = 0;
  #origins: PredictionOrigin[] = [];
  #positions = new Map<PredictionOrigin, number>();

  get records(): number {
    return this.#records;
  }

  /** Bytes gathered. */
  get length(): number {
    return this.#length;
  }

  /** The same origin is to be the same object each time. */
  add(origin: PredictionOrigin, record: PredictionRecord): void {
    const start = this.#length;
    this.#room(4 + 2 + idLength + 16);
    this.#length += 4;
    this.#u16(this.#positionOf(origin));
    this.#id(record.id);
    this.#f64(record.at);
    this.#f64(record.milliseconds);
    this.#text(record.trace);
    this.#text(record.tenant);
    this.#texts(record.subjects);
    for (const tensor of record.inputs) this.#tensor(tensor);
    for (const tensor of record.outputs) this.#tensor(tensor);
    if (origin.hasOutliers === true) this.#numbers(record.outliers ?? []);
    this.#bytes.writeUInt32LE(this.#length - start - 4, start);
    this.#records++;
  }

  /**
   * All that was gathered, as a file holds it: these parts in a row. The encoder begins anew. Give `memory` back with `reuse`
   * once the parts are written, and the next batches need no new one.
   */
  take(writer: BatchWriter): TakenBatch {
    const header = Buffer.from(JSON.stringify({ writer, origins: this.#origins, records: this.#records }));
    const before = Buffer.allocUnsafe(batchMagic.length + 4);
    before.write(batchMagic, 0, 'latin1');
    before.writeUInt32LE(header.length, batchMagic.length);
    const records = this.#records;
    const memory = this.#bytes;
    const parts = [before, header, memory.subarray(0, this.#length)];
    // What was needed once will be again: to grow there step by step costs more than all else.
    this.#bytes = this.#spare.pop() ?? Buffer.allocUnsafeSlow(Math.min(memory.length, mostSpared));
    this.#length = 0;
    this.#records = 0;
    this.#origins = [];
    this.#positions = new Map();
    return { parts, records, memory };
  }

  /** Takes memory back. What grew large for once is let go of. */
  reuse(memory: Buffer): void {
    if (memory.length <= mostSpared && this.#spare.length < 2) this.#spare.push(memory);
  }

  #positionOf(origin: PredictionOrigin): number {
    let position = this.#positions.get(origin);
    if (position === undefined) {
      position = this.#origins.length;
      this.#origins.push(origin);
      this.#positions.set(origin, position);
    }
    return position;
  }

  #tensor({ shape, data }: LoggedTensor): void {
    this.#room(2 + shape.length * 4 + 4);
    this.#bytes[this.#length++] = stateOf(data);
    this.#bytes[this.#length++] = shape.length;
    for (const dimension of shape) this.#u32(dimension);
    if (typeof data === 'string') return;
    if (ArrayBuffer.isView(data)) {
      const { byteLength } = data;
      this.#u32(byteLength);
      this.#room(byteLength);
      this.#bytes.set(new Uint8Array(data.buffer, data.byteOffset, byteLength), this.#length);
      this.#length += byteLength;
      return;
    }
    this.#texts(data);
  }

  #numbers(values: ArrayLike<number>): void {
    this.#room(4 + 8 * values.length);
    this.#u32(values.length);
    for (let index = 0; index < values.length; index++) this.#f64(values[index] ?? 0);
  }

  #texts(texts: readonly string[]): void {
    this.#room(4);
    this.#u32(texts.length);
    for (const text of texts) this.#text(text);
  }

  #text(text: string): void {
    // No text is longer in UTF-8 than three bytes for each of its units.
    this.#room(4 + text.length * 3);
    const written = this.#bytes.write(text, this.#length + 4);
    this.#bytes.writeUInt32LE(written, this.#length);
    this.#length += 4 + written;
  }

  #id(id: string): void {
    this.#length += this.#bytes.write(id, this.#length, idLength, 'latin1');
  }

  #u16(value: number): void {
    this.#length = this.#bytes.writeUInt16LE(value, this.#length);
  }

  #u32(value: number): void {
    this.#length = this.#bytes.writeUInt32LE(value, this.#length);
  }

  #f64(value: number): void {
    this.#length = this.#bytes.writeDoubleLE(value, this.#length);
  }

  #room(bytes: number): void {
    if (this.#length + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.#bytes.length * 2, this.#length + bytes));
    this.#bytes.copy(larger, 0, 0, this.#length);
    this.#bytes = larger;
  }
}

function stateOf(data: LoggedTensor['data']): number {
  if (data === 'redacted') return 1;
  if (data === 'too large') return 2;
  return ArrayBuffer.isView(data) ? 0 : 3;
}
