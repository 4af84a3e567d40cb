import {
  type BatchWriter,
  batchMagic,
  type LoggedData,
  type PredictionOrigin,
  type PredictionRecord,
} from './batch.ts';
import { Pieces } from './pieces.ts';

/** Of a UUID in its usual form. */
const idLength = 36;
/** So many are written sooner than a view of their memory is made. */
const fewNumbers = 32;

export interface TakenBatch {
  readonly parts: readonly Buffer[];
  readonly records: number;
  readonly memory: readonly Buffer[];
}

/**
 * Gathers predictions as bytes, ready to be written. Values are copied as they lie in memory: to write numbers out as text
 * would cost more than many a model does.
 */
export class BatchEncoder {
  readonly #pieces = new Pieces();
  #records = 0;
  #origins: PredictionOrigin[] = [];
  #positions = new Map<PredictionOrigin, number>();
  #lastOrigin: PredictionOrigin | undefined;
  #lastPosition = 0;

  get records(): number {
    return this.#records;
  }

  /** Bytes gathered. */
  get length(): number {
    return this.#pieces.length;
  }

  /** Gathers a prediction whole. The same origin is to be the same object each time. */
  add(origin: PredictionOrigin, record: PredictionRecord): void {
    this.begin(origin, record, record.trace, record.tenant, record.subjects);
    for (const { shape, data } of record.inputs) this.tensor(shape, data);
    for (const { shape, data } of record.outputs) this.tensor(shape, data);
    this.finish(origin, record.outliers);
  }

  /**
   * The same part by part, for who has no record at hand and would make one for this alone: then come the tensors of all the origin's
   * inputs and outputs, and `finish`. One that is not finished is not gathered.
   */
  begin(
    origin: PredictionOrigin,
    { id, at, milliseconds }: Pick<PredictionRecord, 'id' | 'at' | 'milliseconds'>,
    trace: string,
    tenant: string,
    subjects: readonly string[],
  ): void {
    const pieces = this.#pieces;
    pieces.begin();
    pieces.room(4 + 2 + idLength + 16);
    const { bytes, view, end } = pieces;
    view.setUint16(end + 4, this.#positionOf(origin), true);
    // For so few letters a call into the system takes longer.
    for (let index = 0; index < idLength; index++) bytes[end + 6 + index] = id.charCodeAt(index);
    view.setFloat64(end + 6 + idLength, at, true);
    view.setFloat64(end + 14 + idLength, milliseconds, true);
    pieces.end = end + 22 + idLength;
    this.#text(trace);
    this.#text(tenant);
    this.#texts(subjects);
  }

  tensor(shape: readonly number[], data: LoggedData): void {
    const pieces = this.#pieces;
    pieces.room(2 + shape.length * 4 + 4);
    pieces.bytes[pieces.end++] = stateOf(data);
    pieces.bytes[pieces.end++] = shape.length;
    for (let axis = 0; axis < shape.length; axis++) this.#u32(shape[axis]!);
    if (typeof data === 'string') return;
    if (!ArrayBuffer.isView(data)) {
      this.#texts(data);
      return;
    }
    const { byteLength } = data;
    this.#u32(byteLength);
    pieces.room(byteLength);
    if (data instanceof Float32Array && data.length <= fewNumbers) {
      const { view, end } = pieces;
      for (let index = 0; index < data.length; index++) view.setFloat32(end + 4 * index, data[index]!, true);
    } else {
      pieces.bytes.set(new Uint8Array(data.buffer, data.byteOffset, byteLength), pieces.end);
    }
    pieces.end += byteLength;
  }

  finish(origin: PredictionOrigin, outliers: ArrayLike<number> | undefined): void {
    const pieces = this.#pieces;
    if (origin.hasOutliers === true) this.#numbers(outliers ?? []);
    pieces.view.setUint32(pieces.entry, pieces.end - pieces.entry - 4, true);
    pieces.finish();
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
    const { parts, memory } = this.#pieces.take();
    this.#records = 0;
    this.#origins = [];
    this.#positions = new Map();
    this.#lastOrigin = undefined;
    return { parts: [before, header, ...parts], records, memory };
  }

  /** Takes memory back. */
  reuse(memory: readonly Buffer[]): void {
    this.#pieces.reuse(memory);
  }

  #positionOf(origin: PredictionOrigin): number {
    // Mostly that of the record before.
    if (origin === this.#lastOrigin) return this.#lastPosition;
    let position = this.#positions.get(origin);
    if (position === undefined) {
      position = this.#origins.length;
      this.#origins.push(origin);
      this.#positions.set(origin, position);
    }
    this.#lastOrigin = origin;
    this.#lastPosition = position;
    return position;
  }

  #numbers(values: ArrayLike<number>): void {
    this.#pieces.room(4 + 8 * values.length);
    this.#u32(values.length);
    for (let index = 0; index < values.length; index++) this.#f64(values[index] ?? 0);
  }

  #texts(texts: readonly string[]): void {
    this.#pieces.room(4);
    this.#u32(texts.length);
    for (const text of texts) this.#text(text);
  }

  #text(text: string): void {
    const pieces = this.#pieces;
    // No text is longer in UTF-8 than three bytes for each of its units.
    pieces.room(4 + text.length * 3);
    const written = text === '' ? 0 : pieces.bytes.write(text, pieces.end + 4);
    this.#u32(written);
    pieces.end += written;
  }

  #u32(value: number): void {
    const pieces = this.#pieces;
    pieces.view.setUint32(pieces.end, value, true);
    pieces.end += 4;
  }

  #f64(value: number): void {
    const pieces = this.#pieces;
    pieces.view.setFloat64(pieces.end, value, true);
    pieces.end += 8;
  }
}

function stateOf(data: LoggedData): number {
  if (data === 'redacted') return 1;
  if (data === 'too large') return 2;
  return ArrayBuffer.isView(data) ? 0 : 3;
}
