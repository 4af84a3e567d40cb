import type { Ref } from '../plugin.ts';
import type { Store } from './store.ts';
import { toStored } from './stored-value.ts';

/**
 * The cells of a store for the one who writes them: each is read from the store once. They are kept as JSON, so that
 * whoever gets one may do with it what they like.
 */
export class Cells {
  readonly #store: Store;
  readonly #known = new Map<Ref, string | undefined>();

  constructor(store: Store) {
    this.#store = store;
  }

  async get(ref: Ref): Promise<unknown> {
    if (!this.#known.has(ref)) this.#known.set(ref, JSON.stringify(await this.#store.cell(ref)));
    const text = this.#known.get(ref);
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Until it is written, what is in the store counts. Throws `UnstorableValue`. */
  async put(ref: Ref, cell: unknown): Promise<void> {
    const text = toStored(cell, `the cell of ${ref}`);
    this.#known.delete(ref);
    await this.#store.putCell(ref, cell);
    this.#known.set(ref, text);
  }

  async remove(ref: Ref): Promise<void> {
    await this.#store.removeCell(ref);
    this.#known.delete(ref);
  }
}
