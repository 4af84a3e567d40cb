/** Counts by equal stretches of time. What was written of a stretch that does not change any more is not written anew. */
import { add, type Counts, nothing } from './counts.ts';

/** What judging needs; evidence also wants codes, and versions apart. */
export type Sums = Omit<Counts, 'codes'>;

/** As it is written down: the number of the stretch since 1970, and what versions did. */
export type KeptBucket = readonly [number, Readonly<Record<string, KeptCounts>>];
export type KeptCounts = readonly [
  answers: number,
  valid: number,
  bad: number,
  slow: Readonly<Record<string, number>>,
  codes: Readonly<Record<string, number>>,
];

export interface Bucket {
  readonly versions: ReadonlyMap<string, Counts>;
  /** Of all versions. */
  readonly sums: Sums;
}

interface OwnBucket {
  readonly versions: Map<string, Counts>;
  readonly sums: MutableSums;
  text: string | undefined;
}

export class Buckets {
  readonly #lengthMs: number;
  #byNumber = new Map<number, OwnBucket>();
  #newestFirst: readonly number[] | undefined;

  constructor(lengthMs: number) {
    this.#lengthMs = lengthMs;
  }

  get isEmpty(): boolean {
    return this.#byNumber.size === 0;
  }

  has(at: number): boolean {
    return this.#byNumber.has(this.#numberOf(at));
  }

  count(version: string, counts: Counts, at: number): void {
    const number = this.#numberOf(at);
    let bucket = this.#byNumber.get(number);
    if (bucket === undefined) {
      bucket = { versions: new Map(), sums: noSums(), text: undefined };
      this.#byNumber.set(number, bucket);
      this.#newestFirst = undefined;
    }
    bucket.versions.set(version, add(bucket.versions.get(version) ?? nothing, counts));
    addSums(bucket.sums, counts);
    bucket.text = undefined;
  }

  /** From the newest that has begun to the oldest, as long as `visit` wants more. Whether it wanted all. */
  walk(now: number, visit: (bucket: Bucket, endsAt: number) => boolean): boolean {
    this.#newestFirst ??= [...this.#byNumber.keys()].sort((one, other) => other - one);
    for (const number of this.#newestFirst) {
      const bucket = this.#byNumber.get(number);
      if (bucket === undefined || number * this.#lengthMs > now) continue;
      if (!visit(bucket, (number + 1) * this.#lengthMs)) return false;
    }
    return true;
  }

  /** Takes out what ended by then, and says when each began. */
  takeUntil(end: number): readonly (readonly [number, Bucket])[] {
    const taken: (readonly [number, Bucket])[] = [];
    for (const [number, bucket] of this.#byNumber) {
      if ((number + 1) * this.#lengthMs > end) continue;
      taken.push([number * this.#lengthMs, bucket]);
      this.#byNumber.delete(number);
    }
    if (taken.length > 0) this.#newestFirst = undefined;
    return taken;
  }

  /** Everything happened so much later: whole stretches of this length. */
  shift(milliseconds: number): void {
    const by = Math.round(milliseconds / this.#lengthMs);
    if (by === 0) return;
    this.#byNumber = new Map(
      [...this.#byNumber].map(([number, bucket]) => [number + by, { ...bucket, text: undefined }]),
    );
    this.#newestFirst = undefined;
  }

  /** As JSON: a list of `KeptBucket`. */
  text(): string {
    const texts: string[] = [];
    for (const [number, bucket] of this.#byNumber) {
      bucket.text ??= JSON.stringify(keptBucket(number, bucket));
      texts.push(bucket.text);
    }
    return `[${texts.join(',')}]`;
  }

  restore(kept: readonly KeptBucket[]): void {
    for (const [number, versions] of kept) {
      for (const [version, [answers, valid, bad, slow, codes]] of Object.entries(versions)) {
        this.count(version, { answers, valid, bad, slow, codes }, number * this.#lengthMs);
      }
    }
  }

  #numberOf(at: number): number {
    return Math.floor(at / this.#lengthMs);
  }
}

export interface MutableSums {
  answers: number;
  valid: number;
  bad: number;
  slow: Record<string, number>;
}

export function noSums(): MutableSums {
  return { answers: 0, valid: 0, bad: 0, slow: {} };
}

/** In place: there are thousands of buckets, and looks are frequent. */
export function addSums(sum: MutableSums, { answers, valid, bad, slow }: Sums): void {
  sum.answers += answers;
  sum.valid += valid;
  sum.bad += bad;
  for (const bound in slow) sum.slow[bound] = (sum.slow[bound] ?? 0) + (slow[bound] ?? 0);
}

function keptBucket(number: number, { versions }: Bucket): KeptBucket {
  const kept: Record<string, KeptCounts> = {};
  for (const [version, { answers, valid, bad, slow, codes }] of versions) {
    kept[version] = [answers, valid, bad, slow, codes];
  }
  return [number, kept];
}
