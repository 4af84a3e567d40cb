/**
 * Memory for what requests send for one input of a model. Those that arrive one after the other lie side by side in it, so
 * that a batch of their rows is in one piece before anyone joins it; and one slab of memory serves many small requests.
 * What is given back is used again while the processor still has it in its cache: of reading a few kilobytes of binary, fetching memory
 * that was not used for a while is most, and so much of it makes the engine collect its whole heap.
 */
import type { DatatypeFacts, NumericData } from './datatypes.ts';
import { freeMemory } from './free-memory.ts';
import type { Tensor } from './tensor.ts';

/**
 * Bytes of the largest tensor that is put here. Larger ones get memory of their own, or stay where they are: a few that
 * are kept long would hold on to far more than they are.
 */
export const largestShared = 16 * 1024;
const tensorsPerSlab = 128;
const largestSlab = 512 * 1024;

class Slab {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The memory of `bytes`: asking for it takes as long as making a view. */
  readonly buffer: ArrayBufferLike;
  /** Where the memory is that it belongs to. */
  readonly memory: RowMemory;
  used = 0;
  /** Tensors in it that were not given back. */
  lent = 0;

  constructor(size: number, memory: RowMemory) {
    this.bytes = new Uint8Array(size);
    this.buffer = this.bytes.buffer;
    this.memory = memory;
    slabs.set(this.buffer, this);
  }
}

const slabs = new WeakMap<ArrayBufferLike, Slab>();

export class RowMemory {
  #slab: Slab | undefined;
  /** One that was full, of which all is given back. */
  #spare: Slab | undefined;
  #hasEnded = false;

  /**
   * Memory for so many elements, which nobody else uses until it is given back. What was in it before may still be there: whoever takes it
   * fills all of it, or lets nobody see it. All calls are for the same datatype, which is not BYTES.
   */
  take({ array, width }: DatatypeFacts, elements: number): NumericData {
    const size = elements * width;
    if (size > largestShared) return new array!(elements);
    const slab = this.#slabFor(size);
    const data = new array!(slab.buffer, slab.used, elements);
    slab.used += size;
    return data;
  }

  /** The bytes from `start` to `end` as elements, in such memory. They may be aligned or not. */
  copy({ array, width }: DatatypeFacts, bytes: Uint8Array, start: number, end: number): NumericData {
    const size = end - start;
    const elements = size / width;
    const begin = bytes.byteOffset + start;
    if (size > largestShared && begin % width === 0) return new array!(bytes.buffer, begin, elements);
    const source = new Uint8Array(bytes.buffer, begin, size);
    if (size > largestShared) {
      const own = new array!(elements);
      new Uint8Array(own.buffer).set(source);
      return own;
    }
    const slab = this.#slabFor(size);
    slab.bytes.set(source, slab.used);
    const data = new array!(slab.buffer, slab.used, elements);
    slab.used += size;
    return data;
  }

  /** Nobody takes of it any more: what nobody has is freed now, the rest once it is given back. */
  end(): void {
    this.#hasEnded = true;
    for (const slab of [this.#slab, this.#spare]) if (slab?.lent === 0) freeMemory(slab.bytes);
    this.#slab = undefined;
    this.#spare = undefined;
  }

  /** All that lies in the slab was given back. */
  reuse(slab: Slab): void {
    if (this.#hasEnded) {
      freeMemory(slab.bytes);
      return;
    }
    slab.used = 0;
    if (slab !== this.#slab) this.#spare = slab;
  }

  /** One with so much room, in which one tensor more is lent. */
  #slabFor(size: number): Slab {
    let slab = this.#slab;
    if (slab === undefined || slab.used + size > slab.bytes.length) {
      slab = this.#spare;
      this.#spare = undefined;
      if (slab === undefined || size > slab.bytes.length)
        slab = new Slab(Math.min(size * tensorsPerSlab, largestSlab), this);
      this.#slab = slab;
    }
    slab.lent++;
    return slab;
  }
}

/**
 * Tells that nobody will read these inputs any more: their memory is used again. Call it once, where that is certain; what is
 * not given back is collected like all else. Nothing is given back of inputs that outputs lie in.
 */
export function giveBack(inputs: readonly Tensor[], outputs: readonly Tensor[]): void {
  for (const { data } of inputs) {
    if (Array.isArray(data)) continue;
    const slab = slabs.get(data.buffer);
    if (slab === undefined || outputs.some((output) => bufferOf(output) === slab.buffer)) continue;
    slab.lent--;
    if (slab.lent === 0) slab.memory.reuse(slab);
  }
}

/** Whether this is memory that many requests share: a request holds no more of it than its tensors are. */
export function isShared(buffer: ArrayBufferLike): boolean {
  return slabs.has(buffer);
}

function bufferOf({ data }: Tensor): ArrayBufferLike | undefined {
  return Array.isArray(data) ? undefined : data.buffer;
}
