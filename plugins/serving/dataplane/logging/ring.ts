/** Holds the newest of what waits, up to a number of entries and bytes. It never grows and never waits: what has no room is refused. */
export class Ring<Entry extends { readonly bytes: number }> {
  readonly #slots: (Entry | undefined)[];
  readonly #mostBytes: number;
  #first = 0;
  #size = 0;
  #bytes = 0;

  constructor(slots: number, mostBytes: number) {
    this.#slots = new Array(slots).fill(undefined);
    this.#mostBytes = mostBytes;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether there was room. */
  push(entry: Entry): boolean {
    const { length } = this.#slots;
    if (this.#size === length || this.#bytes + entry.bytes > this.#mostBytes) return false;
    let place = this.#first + this.#size;
    if (place >= length) place -= length;
    this.#slots[place] = entry;
    this.#size++;
    this.#bytes += entry.bytes;
    return true;
  }

  /** The oldest; undefined where nothing waits. */
  shift(): Entry | undefined {
    const entry = this.#slots[this.#first];
    if (entry === undefined) return undefined;
    this.#slots[this.#first] = undefined;
    this.#first = this.#first + 1 === this.#slots.length ? 0 : this.#first + 1;
    this.#size--;
    this.#bytes -= entry.bytes;
    return entry;
  }
}
