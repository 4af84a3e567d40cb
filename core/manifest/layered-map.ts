/**
 * A map that never changes, and whose changed copies share what they have in common: a copy with one key changed costs
 * that key, not the map. The order of iteration is not promised.
 */
export class LayeredMap<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly #base: ReadonlyMap<Key, Value>;
  /** What differs from the base; `undefined`: removed. */
  readonly #changes: ReadonlyMap<Key, Value | undefined>;
  readonly size: number;

  private constructor(
    base: ReadonlyMap<Key, Value>,
    changes: ReadonlyMap<Key, Value | undefined>,
    size: number,
  ) {
    this.#base = base;
    this.#changes = changes;
    this.size = size;
  }

  /** Takes the map over: nobody may change it any more. */
  static of<Key, Value>(map: ReadonlyMap<Key, Value>): LayeredMap<Key, Value> {
    return map instanceof LayeredMap ? map : new LayeredMap(map, new Map(), map.size);
  }

  /** This map with some keys set, and those removed whose value is undefined. */
  with(changes: ReadonlyMap<Key, Value | undefined>): LayeredMap<Key, Value> {
    if (changes.size === 0) return this;
    let size = this.size;
    for (const [key, value] of changes) {
      size += Number(value !== undefined) - Number(this.has(key));
    }
    const all = new Map(this.#changes);
    for (const [key, value] of changes) {
      if (value === undefined && !this.#base.has(key)) all.delete(key);
      else all.set(key, value);
    }
    if (all.size <= 32 + (this.#base.size >> 5)) return new LayeredMap(this.#base, all, size);
    const flat = new Map(this.#base);
    for (const [key, value] of all) {
      if (value === undefined) flat.delete(key);
      else flat.set(key, value);
    }
    return new LayeredMap(flat, new Map(), size);
  }

  get(key: Key): Value | undefined {
    return this.#changes.has(key) ? this.#changes.get(key) : this.#base.get(key);
  }

  has(key: Key): boolean {
    return this.#changes.has(key) ? this.#changes.get(key) !== undefined : this.#base.has(key);
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#changes.size === 0 ? this.#base.entries() : this.#both();
  }

  *keys(): MapIterator<Key> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): MapIterator<Value> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): MapIterator<[Key, Value]> {
    return this.entries();
  }

  forEach(
    callback: (value: Value, key: Key, map: ReadonlyMap<Key, Value>) => void,
    thisArgument?: unknown,
  ): void {
    for (const [key, value] of this.entries()) callback.call(thisArgument, value, key, this);
  }

  /** Keys whose values are not the same in both maps. Cheap where one is a changed copy of the other. */
  static *differing<Key, Value>(a: ReadonlyMap<Key, Value>, b: ReadonlyMap<Key, Value>): Iterable<Key> {
    if (a === b) return;
    const related = a instanceof LayeredMap && b instanceof LayeredMap && a.#base === b.#base;
    const [ofA, ofB] = related ? [a.#changes, b.#changes] : [a, b];
    for (const key of ofA.keys()) if (a.get(key) !== b.get(key)) yield key;
    for (const key of ofB.keys()) if (!ofA.has(key) && a.get(key) !== b.get(key)) yield key;
  }

  *#both(): MapIterator<[Key, Value]> {
    for (const entry of this.#base) if (!this.#changes.has(entry[0])) yield entry;
    for (const [key, value] of this.#changes) if (value !== undefined) yield [key, value];
  }
}
