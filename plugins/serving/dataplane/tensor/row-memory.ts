/**
 * Memory for what requests send for one input of a model. Those that arrive one after the other lie side by side in it, so
 * that a batch of their rows is in one piece before anyone joins it; and one slab of memory serves many small requests.
 */
import type { DatatypeFacts, NumericData } from './datatypes.ts';

/** Larger tensors get memory of their own: a few that are kept long would hold on to far more than they are. */
const largestShared = 16 * 1024;
const tensorsPerSlab = 128;
const largestSlab = 512 * 1024;

export class RowMemory {
  #slab = new Uint8Array(0);
  #used = 0;

  /** Memory for so many elements, which nobody else uses. All calls are for the same datatype, which is not BYTES. */
  take({ array, width }: DatatypeFacts, elements: number): NumericData {
    const size = elements * width;
    if (size > largestShared) return new array!(elements);
    const offset = this.#reserve(size);
    return new array!(this.#slab.buffer, offset, elements);
  }

  /** Those bytes as elements, in such memory. They may be aligned or not. */
  copy({ array, width }: DatatypeFacts, bytes: Uint8Array): NumericData {
    const elements = bytes.length / width;
    if (bytes.length > largestShared) {
      if (bytes.byteOffset % width === 0) return new array!(bytes.buffer, bytes.byteOffset, elements);
      const own = new array!(elements);
      new Uint8Array(own.buffer).set(bytes);
      return own;
    }
    const offset = this.#reserve(bytes.length);
    this.#slab.set(bytes, offset);
    return new array!(this.#slab.buffer, offset, elements);
  }

  #reserve(size: number): number {
    if (this.#used + size > this.#slab.length) {
      this.#slab = new Uint8Array(Math.min(size * tensorsPerSlab, largestSlab));
      this.#used = 0;
    }
    const offset = this.#used;
    this.#used += size;
    return offset;
  }
}
