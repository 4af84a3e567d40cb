/**
 * A map that never changes, and whose changed copies share what they have in common: a copy with one key changed costs
 * that key, not the map. The order of iteration is not promised.
 */
export class LayeredMap<Key, Value> implements ReadonlyMap<Key, Value> {
  readonly #base: ReadonlyMap<Key, Value>;
  /** What differs from the base. The small layer on top wins, and keeps most copies small. */
  readonly #below: Changes<Key, Value>;
  readonly #top: Changes<Key, Value>;
  readonly size: number;

  private constructor(
    base: ReadonlyMap<Key, Value>,
    below: Changes<Key, Value>,
    top: Changes<Key, Value>,
    size: number,
  ) {
    this.#base = base;
    this.#below = below;
    this.#top = top;
    this.size = size;
  }

  /** Takes the map over: nobody may change it any more. */
  static of<Key, Value>(map: ReadonlyMap<Key, Value>): LayeredMap<Key, Value> {
    return map instanceof LayeredMap ? map : new LayeredMap(map, new Map(), new Map(), map.size);
  }

  /** This map with some keys set, and those removed whose value is undefined. Nobody may change `changes` any more. */
  with(changes: Changes<Key, Value>): LayeredMap<Key, Value> {
    if (changes.size === 0) return this;
    if (this.#base.size + this.#below.size + this.#top.size === 0) return LayeredMap.of(defined(changes));
    let size = this.size;
    for (const [key, value] of changes) {
      size += Number(value !== undefined) - Number(this.has(key));
    }
    const most = smallLayer + (this.#base.size >> 3);
    if (this.#top.size + changes.size <= smallLayer) {
      return new LayeredMap(this.#base, this.#below, join(this.#top, changes), size);
    }
    if (this.#below.size + this.#top.size + changes.size <= most) {
      const below = join(join(this.#below, this.#top), changes);
      return new LayeredMap(this.#base, below, new Map(), size);
    }
    const flat = new Map(this.#base);
    for (const layer of [this.#below, this.#top, changes]) {
      for (const [key, value] of layer) {
        if (value === undefined) flat.delete(key);
        else flat.set(key, value);
      }
    }
    return new LayeredMap(flat, new Map(), new Map(), size);
  }

  get(key: Key): Value | undefined {
    const value = this.#top.get(key);
    if (value !== undefined || this.#top.has(key)) return value;
    return this.#below.has(key) ? this.#below.get(key) : this.#base.get(key);
  }

  has(key: Key): boolean {
    return this.get(key) !== undefined;
  }

  entries(): MapIterator<[Key, Value]> {
    return this.#below.size + this.#top.size === 0 ? this.#base.entries() : this.#all();
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
    const areCopies = a instanceof LayeredMap && b instanceof LayeredMap && a.#base === b.#base;
    const keys = areCopies ? [a.#top, b.#top] : [a, b];
    if (areCopies && a.#below !== b.#below) keys.push(a.#below, b.#below);
    const seen = new Set<Key>();
    for (const some of keys) {
      for (const key of some.keys()) {
        if (seen.has(key)) continue;
        seen.add(key);
        if (a.get(key) !== b.get(key)) yield key;
      }
    }
  }

  *#all(): MapIterator<[Key, Value]> {
    for (const entry of this.#base) if (!this.#below.has(entry[0]) && !this.#top.has(entry[0])) yield entry;
    for (const [key, value] of this.#below)
      if (value !== undefined && !this.#top.has(key)) yield [key, value];
    for (const [key, value] of this.#top) if (value !== undefined) yield [key, value];
  }
}

/** Keys that are set, and keys that are removed: their value is undefined. */
type Changes<Key, Value> = ReadonlyMap<Key, Value | undefined>;

const smallLayer = 32;

/** The keys that are set. */
function defined<Key, Value>(changes: Changes<Key, Value>): ReadonlyMap<Key, Value> {
  const removed: Key[] = [];
  for (const [key, value] of changes) if (value === undefined) removed.push(key);
  if (removed.length === 0) return changes as ReadonlyMap<Key, Value>;
  const set = new Map(changes);
  for (const key of removed) set.delete(key);
  return set as ReadonlyMap<Key, unknown> as ReadonlyMap<Key, Value>;
}

function join<Key, Value>(below: Changes<Key, Value>, above: Changes<Key, Value>): Changes<Key, Value> {
  if (below.size === 0) return new Map(above);
  const joined = new Map(below);
  for (const [key, value] of above) joined.set(key, value);
  return joined;
}
