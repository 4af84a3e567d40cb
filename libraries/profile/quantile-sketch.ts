/**
 * Quantiles of a stream in bounded memory. A value goes into a bucket by the upper bits of its binary form: sign, exponent and some
 * bits of the fraction. Where more than `mostBuckets` are filled, every two neighbours become one, so a bit less of the fraction
 * counts. How fine it ends up depends on which values there are and not on their order: merging sketches of parts gives exactly the
 * sketch of the whole. Columns of few distinct values stay exact; others keep quantiles to a bucket's width.
 */
export const mostBuckets = 512;
/** Bits that are cut off at the finest: of 32 upper bits, none. */
const finest = 0;

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
/** Which half of a double holds its sign. */
const upper = new Uint8Array(new Float64Array([-2]).buffer)[7] === 0xc0 ? 1 : 0;

export class QuantileSketch {
  /** Key → count; keys are in the order of the values. */
  readonly #buckets = new Map<number, number>();
  #cut = finest;
  /** What came last, so that runs of one bucket cost no look-up. */
  #lastKey = 0;
  #lastCount = 0;

  add(value: number): void {
    float[0] = value;
    const whole = ordered(words[upper]!);
    if (this.#lastCount > 0 && whole >> this.#cut === this.#lastKey) {
      this.#lastCount++;
      return;
    }
    this.#flush();
    // Only now: it may have become coarser.
    this.#lastKey = whole >> this.#cut;
    this.#lastCount = 1;
  }

  merge(other: QuantileSketch): void {
    this.#flush();
    other.#flush();
    while (this.#cut < other.#cut) this.#coarsen();
    const shift = this.#cut - other.#cut;
    for (const [key, count] of other.#buckets) {
      const own = key >> shift;
      this.#buckets.set(own, (this.#buckets.get(own) ?? 0) + count);
    }
    while (this.#buckets.size > mostBuckets) this.#coarsen();
  }

  /** From the smallest: the value that a bucket begins at, the one it ends before, and how many values it holds. */
  buckets(): readonly { readonly from: number; readonly to: number; readonly count: number }[] {
    this.#flush();
    return [...this.#buckets]
      .sort(([one], [other]) => one - other)
      .map(([key, count]) => ({ from: edge(key, this.#cut), to: edge(key + 1, this.#cut), count }));
  }

  /** As numbers alone: how coarse it is, and key, count by turns, keys as steps from the one before. */
  toJson(): readonly number[] {
    this.#flush();
    let before = 0;
    const written = [this.#cut];
    for (const [key, count] of [...this.#buckets].sort(([one], [other]) => one - other)) {
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
      sketch.#buckets.set(key, written[at + 1]!);
    }
    return sketch;
  }

  #flush(): void {
    if (this.#lastCount === 0) return;
    this.#buckets.set(this.#lastKey, (this.#buckets.get(this.#lastKey) ?? 0) + this.#lastCount);
    this.#lastCount = 0;
    while (this.#buckets.size > mostBuckets) this.#coarsen();
  }

  #coarsen(): void {
    this.#cut++;
    const pairs = [...this.#buckets];
    this.#buckets.clear();
    for (const [key, count] of pairs) {
      this.#buckets.set(key >> 1, (this.#buckets.get(key >> 1) ?? 0) + count);
    }
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
