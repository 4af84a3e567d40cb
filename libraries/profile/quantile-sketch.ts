/**
 * Quantiles of a stream in bounded memory. A value goes into a bucket by the upper bits of its binary form: sign, exponent and some
 * bits of the fraction. Where more than `mostBuckets` are filled, every two neighbours become one, so a bit less of the fraction
 * counts. How fine it ends up depends on which values there are and not on their order: merging sketches of parts gives exactly the
 * sketch of the whole. Columns of few distinct values stay exact; others keep quantiles to a bucket's width.
 */
export const mostBuckets = 512;
/** Bits that are cut off at the finest: of 32 upper bits, none. */
const finest = 0;
/** Of the table: four times as many as are filled, so that a search ends soon. */
const slots = 2048;
const slotShift = 32 - 11;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
/** Which half of a double holds its sign. */
const upper = new Uint8Array(new Float64Array([-2]).buffer)[7] === 0xc0 ? 1 : 0;

export class QuantileSketch {
  /** Key → count, in an open table: a value costs some nanoseconds. Keys are in the order of the values. */
  #keys = new Int32Array(slots);
  #counts = new Float64Array(slots);
  #filled = 0;
  #cut = finest;

  add(value: number): void {
    float[0] = value;
    const whole = ordered(words[upper]!);
    this.#put(whole >> this.#cut, 1);
    while (this.#filled > mostBuckets) this.#coarsen();
  }

  merge(other: QuantileSketch): void {
    while (this.#cut < other.#cut) this.#coarsen();
    for (const [key, count] of other.#pairs()) {
      this.#put(key >> (this.#cut - other.#cut), count);
      while (this.#filled > mostBuckets) this.#coarsen();
    }
  }

  /** From the smallest: the value that a bucket begins at, the one it ends before, and how many values it holds. */
  buckets(): readonly { readonly from: number; readonly to: number; readonly count: number }[] {
    return this.#pairs().map(([key, count]) => ({
      from: edge(key, this.#cut),
      to: edge(key + 1, this.#cut),
      count,
    }));
  }

  /** As numbers alone: how coarse it is, and key, count by turns, keys as steps from the one before. */
  toJson(): readonly number[] {
    let before = 0;
    const written = [this.#cut];
    for (const [key, count] of this.#pairs()) {
      written.push(key - before, count);
      before = key;
    }
    return written;
  }

  static fromJson(written: readonly number[]): QuantileSketch {
    const sketch = new QuantileSketch();
    sketch.#cut = written[0] ?? finest;
    let key = 0;
    for (let at = 1; at + 1 < written.length; at += 2) {
      key += written[at]!;
      sketch.#put(key, written[at + 1]!);
    }
    return sketch;
  }

  #pairs(): [number, number][] {
    const pairs: [number, number][] = [];
    for (let slot = 0; slot < slots; slot++) {
      if (this.#counts[slot]! > 0) pairs.push([this.#keys[slot]!, this.#counts[slot]!]);
    }
    return pairs.sort(([one], [other]) => one - other);
  }

  #put(key: number, count: number): void {
    const keys = this.#keys;
    const counts = this.#counts;
    let slot = Math.imul(key, 0x9e3779b1) >>> slotShift;
    while (counts[slot]! > 0) {
      if (keys[slot] === key) {
        counts[slot]! += count;
        return;
      }
      slot = (slot + 1) & (slots - 1);
    }
    keys[slot] = key;
    counts[slot] = count;
    this.#filled++;
  }

  #coarsen(): void {
    const pairs = this.#pairs();
    this.#cut++;
    this.#counts.fill(0);
    this.#filled = 0;
    for (const [key, count] of pairs) this.#put(key >> 1, count);
  }
}

/** The upper half of a double as a whole number that grows with the value: negative ones run backwards in binary. */
function ordered(word: number): number {
  return word >= 0 ? word : word ^ 0x7fffffff;
}

/** The smallest value of a bucket. */
function edge(key: number, cut: number): number {
  const word = key * 2 ** cut;
  if (word > 0x7fefffff) return Number.MAX_VALUE;
  words[upper] = word >= 0 ? word : word ^ 0x7fffffff;
  words[1 - upper] = word >= 0 ? 0 : -1;
  return float[0]!;
}

/** The quantile of a share, straight between a bucket's ends; within `low` and `high`, the smallest and largest value. */
export function quantileOf(sketch: QuantileSketch, share: number, low: number, high: number): number {
  const buckets = sketch.buckets();
  let total = 0;
  for (const { count } of buckets) total += count;
  let left = share * total;
  for (const { from, to, count } of buckets) {
    if (left <= count) {
      const value = from + (to - from) * (count === 0 ? 0 : left / count);
      return Math.min(high, Math.max(low, value));
    }
    left -= count;
  }
  return high;
}
