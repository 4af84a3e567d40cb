import { QuantileSketch } from './quantile-sketch.ts';

/** A column of numbers as it is stored. All counts are exact. */
export interface NumberProfile {
  readonly name: string;
  readonly type: 'number';
  readonly rows: number;
  readonly missing: number;
  readonly infinite: number;
  /** Texts where a number was expected. */
  readonly unreadable: number;
  /** Finite values that are not whole; absent in a profile that did not count them. */
  readonly fractional?: number;
  /** Of the finite values; null where there is none, or where it is too large for a double. */
  readonly least: number | null;
  readonly most: number | null;
  readonly mean: number | null;
  /** Of these values, not an estimate for others. */
  readonly variance: number | null;
  /** Where the cells of the histogram end, rising: of the reference alone. A cell holds values below its edge, from the one before on. */
  readonly edges: readonly number[];
  /** Finite values in each cell; one more than edges. */
  readonly counts: readonly number[];
  /** Each distinct value and how often it stands there, rising; absent where there are more than `mostDistinct`. */
  readonly distinct?: readonly (readonly [value: number, count: number])[];
  /** See `QuantileSketch`. */
  readonly sketch: readonly number[];
}

export const mostDistinct = 32;
export const cellsOfNumbers = 64;

/** Counts a column of numbers as it comes by. Memory does not grow with the rows. */
export class NumberColumn {
  readonly #name: string;
  /** Of the reference; none where this column is to be one. */
  readonly #edges: Float64Array | undefined;
  readonly #counts: Float64Array;
  #sketch = new QuantileSketch();
  #distinct: Map<number, number> | undefined = new Map();
  #rows = 0;
  #missing = 0;
  #infinite = 0;
  #unreadable = 0;
  #fractional = 0;
  #finite = 0;
  #least = Number.POSITIVE_INFINITY;
  #most = Number.NEGATIVE_INFINITY;
  #first = 0;
  #sum = 0;
  #squares = 0;

  constructor(name: string, edges?: readonly number[]) {
    this.#name = name;
    this.#edges = edges === undefined ? undefined : Float64Array.from(edges);
    this.#counts = new Float64Array((edges?.length ?? 0) + 1);
  }

  addMissing(): void {
    this.#rows++;
    this.#missing++;
  }

  addUnreadable(): void {
    this.#rows++;
    this.#unreadable++;
  }

  /** NaN counts as missing. */
  add(value: number): void {
    this.#rows++;
    if (!Number.isFinite(value)) {
      if (Number.isNaN(value)) this.#missing++;
      else this.#infinite++;
      return;
    }
    // One zero: -0 is another bit pattern, and no other value.
    const own = value + 0;
    this.#finite++;
    if (own % 1 !== 0) this.#fractional++;
    if (own < this.#least) this.#least = own;
    if (own > this.#most) this.#most = own;
    // From the first value on: sums of what is left keep their digits, without a division a value.
    if (this.#finite === 1) this.#first = own;
    const away = own - this.#first;
    this.#sum += away;
    this.#squares += away * away;
    this.#sketch.add(own);
    if (this.#distinct !== undefined) this.#countDistinct(own, 1);
    if (this.#edges !== undefined) this.#counts[cellOf(own, this.#edges)]!++;
  }

  addAll(values: ArrayLike<number>): void {
    for (let row = 0; row < values.length; row++) this.add(values[row]!);
  }

  profile(): NumberProfile {
    const isEmpty = this.#finite === 0;
    const away = this.#sum / this.#finite;
    const edges = this.#edges === undefined ? edgesOf(this.#sketch) : [...this.#edges];
    return {
      name: this.#name,
      type: 'number',
      rows: this.#rows,
      missing: this.#missing,
      infinite: this.#infinite,
      unreadable: this.#unreadable,
      fractional: this.#fractional,
      least: isEmpty ? null : this.#least,
      most: isEmpty ? null : this.#most,
      mean: isEmpty ? null : finiteOrNull(this.#first + away),
      variance: isEmpty ? null : finiteOrNull(Math.max(0, this.#squares / this.#finite - away * away)),
      edges,
      // Edges of the sketch's own buckets cut none of them: its counts are exact there.
      counts: this.#edges === undefined ? countsAt(this.#sketch, edges) : [...this.#counts],
      ...(this.#distinct === undefined
        ? {}
        : { distinct: [...this.#distinct].sort(([one], [other]) => one - other) }),
      sketch: this.#sketch.toJson(),
    };
  }

  #countDistinct(value: number, count: number): void {
    const known = this.#distinct?.get(value);
    this.#distinct?.set(value, (known ?? 0) + count);
    if (known === undefined && (this.#distinct?.size ?? 0) > mostDistinct) this.#distinct = undefined;
  }
}

/** Values near the largest double have sums beyond it. */
function finiteOrNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function cellOf(value: number, edges: Float64Array): number {
  let low = 0;
  let high = edges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (edges[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Ends of buckets, about as many values between any two of them. */
export function edgesOf(sketch: QuantileSketch): number[] {
  const buckets = sketch.buckets();
  const total = buckets.reduce((sum, { count }) => sum + count, 0);
  const edges: number[] = [];
  let inCell = 0;
  let left = total;
  for (const [at, { to, count }] of buckets.entries()) {
    inCell += count;
    left -= count;
    const wanted = (inCell + left) / (cellsOfNumbers - edges.length);
    const isLast = at === buckets.length - 1 || edges.length === cellsOfNumbers - 1;
    if (inCell < wanted || isLast) continue;
    edges.push(to);
    inCell = 0;
  }
  return edges;
}

export function countsAt(sketch: QuantileSketch, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  let cell = 0;
  for (const { to, count } of sketch.buckets()) {
    while (cell < edges.length && to > edges[cell]!) cell++;
    counts[cell]! += count;
  }
  return counts;
}

/** The profile of both parts together: the same as of the whole, but for rounding of mean and variance. */
export function mergeNumbers(one: NumberProfile, other: NumberProfile, isReference: boolean): NumberProfile {
  const sketch = QuantileSketch.fromJson(one.sketch);
  sketch.merge(QuantileSketch.fromJson(other.sketch));
  const edges = isReference ? edgesOf(sketch) : one.edges;
  const counts = isReference
    ? countsAt(sketch, edges)
    : one.counts.map((count, cell) => count + other.counts[cell]!);
  const distinct = mergeDistinct(one, other);
  return {
    name: one.name,
    type: 'number',
    rows: one.rows + other.rows,
    missing: one.missing + other.missing,
    infinite: one.infinite + other.infinite,
    unreadable: one.unreadable + other.unreadable,
    ...(one.fractional === undefined || other.fractional === undefined
      ? {}
      : { fractional: one.fractional + other.fractional }),
    least: pick(Math.min, one.least, other.least),
    most: pick(Math.max, one.most, other.most),
    ...mergeMoments(one, other),
    edges,
    counts,
    ...(distinct === undefined ? {} : { distinct }),
    sketch: sketch.toJson(),
  };
}

function pick(
  choose: (one: number, other: number) => number,
  one: number | null,
  other: number | null,
): number | null {
  return one === null ? other : other === null ? one : choose(one, other);
}

function mergeMoments(one: NumberProfile, other: NumberProfile): Pick<NumberProfile, 'mean' | 'variance'> {
  const [n, m] = [finiteOf(one), finiteOf(other)];
  if (one.mean === null || one.variance === null) return { mean: other.mean, variance: other.variance };
  if (other.mean === null || other.variance === null) return { mean: one.mean, variance: one.variance };
  const away = other.mean - one.mean;
  const total = n + m;
  return {
    mean: one.mean + (away * m) / total,
    variance: (n * one.variance + m * other.variance + (away * away * n * m) / total) / total,
  };
}

/** How many values are in its cells. */
export function finiteOf({ rows, missing, infinite, unreadable }: NumberProfile): number {
  return rows - missing - infinite - unreadable;
}

function mergeDistinct(one: NumberProfile, other: NumberProfile): NumberProfile['distinct'] {
  if (one.distinct === undefined || other.distinct === undefined) return undefined;
  const counts = new Map(one.distinct);
  for (const [value, count] of other.distinct) counts.set(value, (counts.get(value) ?? 0) + count);
  if (counts.size > mostDistinct) return undefined;
  return [...counts].sort(([first], [second]) => first - second);
}
