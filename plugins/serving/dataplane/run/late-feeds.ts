/** What the runtime is fed where inputs are taken when it reads them: by their names, each made of a tensor then. */
import type { Tensor } from '../tensor/tensor.ts';

/** Takes inputs whenever the one is read that the runtime reads first, and the others with it. */
export class LateInputs {
  readonly #first: number;
  readonly #take: () => readonly Tensor[];
  #taken: readonly Tensor[] = [];
  /** What was taken when each was read last. */
  readonly #read: (readonly Tensor[])[] = [];

  constructor(first: number, take: () => readonly Tensor[]) {
    this.#first = first;
    this.#take = take;
  }

  read(index: number): Tensor {
    if (index === this.#first || this.#read.length === 0) this.#taken = this.#take();
    this.#read[index] = this.#taken;
    return this.#taken[index]!;
  }

  /** Whether all of them were read of what was taken last. */
  get areOfOneMoment(): boolean {
    return this.#read.every((taken) => taken === this.#taken);
  }
}

const source = Symbol('inputs');

/**
 * Makes what feeds a model with these inputs. Their accessors belong to all feeds of the model: a feed with accessors of its own is
 * a kind of object of its own to the engine, which then keeps each of them.
 */
export function lateFeeds<Fed>(
  inputNames: readonly string[],
  toRuntime: (tensor: Tensor) => Fed,
): (inputs: LateInputs) => Record<string, Fed> {
  class Feeds {
    readonly [source]: LateInputs;

    constructor(inputs: LateInputs) {
      this[source] = inputs;
    }
  }
  for (const [index, name] of inputNames.entries()) {
    Object.defineProperty(Feeds.prototype, name, {
      get(this: Feeds): Fed {
        return toRuntime(this[source].read(index));
      },
    });
  }
  return (inputs) => new Feeds(inputs) as unknown as Record<string, Fed>;
}
