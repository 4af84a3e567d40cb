/** What one deployment did over time, minute by minute; what is older than six hours, by the half hour. Times are in milliseconds. */
import { add, type Counts, nothing } from './counts.ts';

const minuteMs = 60_000;
const halfHourMs = 30 * minuteMs;
/** Windows up to this long are summed by the minute. */
export const fineMs = 6 * 3_600_000;

/** What judging needs; evidence also wants codes, and versions apart. */
export type Sums = Omit<Counts, 'codes'>;

/** What versions did, by their names. */
export type Bucket = ReadonlyMap<string, Counts>;

/** As it is written down: the number of the bucket, and what versions did. */
export type KeptBucket = readonly [number, Readonly<Record<string, KeptCounts>>];
export type KeptCounts = readonly [
  answers: number,
  valid: number,
  bad: number,
  slow: Readonly<Record<string, number>>,
  codes: Readonly<Record<string, number>>,
];

export class Ledger {
  readonly #minutes = new Map<number, Map<string, Counts>>();
  readonly #halfHours = new Map<number, Map<string, Counts>>();
  /** From when on it is known what happened: by the seconds of an objective; '' for answers. */
  readonly #since = new Map<string, number>();

  /** From now on, or from when it was said first, all is counted. */
  follow(what: string, now: number): void {
    if (!this.#since.has(what)) this.#since.set(what, now);
  }

  since(what: string): number | undefined {
    return this.#since.get(what);
  }

  get follows(): readonly string[] {
    return [...this.#since.keys()];
  }

  get isEmpty(): boolean {
    return this.#minutes.size === 0 && this.#halfHours.size === 0;
  }

  /** What is not asked for any more is unknown from now on. */
  followOnly(wanted: ReadonlySet<string>): void {
    for (const what of this.#since.keys()) if (!wanted.has(what)) this.#since.delete(what);
  }

  count(version: string, counts: Counts, at: number): void {
    addTo(this.#minutes, Math.floor(at / minuteMs), version, counts);
  }

  /** Sums up to now of windows of these lengths, ascending; each begins within a minute, or half an hour, before it. */
  sums(lengths: readonly number[], now: number): readonly Sums[] {
    const sums: Sums[] = [];
    const sum = { answers: 0, valid: 0, bad: 0, slow: {} };
    const take = () => sums.push({ ...sum, slow: { ...sum.slow } });
    this.#walk(now, (bucket, endsAt) => {
      while (sums.length < lengths.length && endsAt <= now - (lengths[sums.length] ?? 0)) take();
      for (const counts of bucket.values()) addNumbers(sum, counts);
      return sums.length < lengths.length;
    });
    while (sums.length < lengths.length) take();
    return sums;
  }

  /** What each version did in the last so many milliseconds. */
  versions(length: number, now: number): Bucket {
    const versions = new Map<string, Counts>();
    this.#walk(now, (bucket, endsAt) => {
      if (endsAt <= now - length) return false;
      for (const [version, counts] of bucket) {
        versions.set(version, add(versions.get(version) ?? nothing, counts));
      }
      return true;
    });
    return versions;
  }

  /** Sums up what has grown old, and drops what is older than `longest`. Whether anything was summed up. */
  fold(now: number, longest: number): boolean {
    const oldest = firstMinuteKept(now);
    let isFolded = false;
    for (const [minute, bucket] of this.#minutes) {
      if (minute >= oldest) continue;
      isFolded = true;
      const half = Math.floor((minute * minuteMs) / halfHourMs);
      for (const [version, counts] of bucket) addTo(this.#halfHours, half, version, counts);
      this.#minutes.delete(minute);
    }
    for (const half of this.#halfHours.keys()) {
      if ((half + 1) * halfHourMs < now - longest) {
        this.#halfHours.delete(half);
        isFolded = true;
      }
    }
    return isFolded;
  }

  /** Everything happened so much later. */
  shift(byHalfHours: number): void {
    move(this.#minutes, (byHalfHours * halfHourMs) / minuteMs);
    move(this.#halfHours, byHalfHours);
    for (const [what, at] of this.#since) this.#since.set(what, at + byHalfHours * halfHourMs);
  }

  keptRecent() {
    return { since: Object.fromEntries(this.#since), minutes: kept(this.#minutes) };
  }

  keptOlder(): readonly KeptBucket[] {
    return kept(this.#halfHours);
  }

  /** Takes in what was written down. A half hour is whole where it is there: its minutes are in it. */
  restore(
    recent: { readonly since: Readonly<Record<string, number>>; readonly minutes: readonly KeptBucket[] },
    older: readonly KeptBucket[],
  ): void {
    for (const [what, at] of Object.entries(recent.since)) this.#since.set(what, at);
    restore(this.#halfHours, older);
    const fresh = recent.minutes.filter(
      ([minute]) => !this.#halfHours.has(Math.floor((minute * minuteMs) / halfHourMs)),
    );
    restore(this.#minutes, fresh);
  }

  /** From the newest to the oldest, as long as it is wanted. */
  #walk(now: number, visit: (bucket: Bucket, endsAt: number) => boolean): void {
    for (const [buckets, length] of [
      [this.#minutes, minuteMs],
      [this.#halfHours, halfHourMs],
    ] as const) {
      const numbers = [...buckets.keys()].sort((one, other) => other - one);
      for (const number of numbers) {
        const bucket = buckets.get(number);
        if (bucket === undefined || number * length > now) continue;
        if (!visit(bucket, (number + 1) * length)) return;
      }
    }
  }
}

/** Minutes of the half hour in which the fine part begins are still kept one by one. */
function firstMinuteKept(now: number): number {
  return (Math.floor((now - fineMs) / halfHourMs) * halfHourMs) / minuteMs;
}

/** In place: there are thousands of buckets, and looks are frequent. */
function addNumbers(
  sum: { answers: number; valid: number; bad: number; slow: Record<string, number> },
  { answers, valid, bad, slow }: Counts,
): void {
  sum.answers += answers;
  sum.valid += valid;
  sum.bad += bad;
  for (const bound in slow) sum.slow[bound] = (sum.slow[bound] ?? 0) + (slow[bound] ?? 0);
}

function addTo(
  buckets: Map<number, Map<string, Counts>>,
  number: number,
  version: string,
  counts: Counts,
): void {
  const bucket = buckets.get(number) ?? new Map<string, Counts>();
  bucket.set(version, add(bucket.get(version) ?? nothing, counts));
  buckets.set(number, bucket);
}

function move(buckets: Map<number, Map<string, Counts>>, by: number): void {
  const moved = [...buckets].map(([number, bucket]) => [number + by, bucket] as const);
  buckets.clear();
  for (const [number, bucket] of moved) buckets.set(number, bucket);
}

function kept(buckets: ReadonlyMap<number, Bucket>): readonly KeptBucket[] {
  return [...buckets].map(([number, bucket]) => [
    number,
    Object.fromEntries(
      [...bucket].map(([version, { answers, valid, bad, slow, codes }]) => [
        version,
        [answers, valid, bad, slow, codes] as const,
      ]),
    ),
  ]);
}

function restore(buckets: Map<number, Map<string, Counts>>, from: readonly KeptBucket[]): void {
  for (const [number, versions] of from) {
    for (const [version, [answers, valid, bad, slow, codes]] of Object.entries(versions)) {
      addTo(buckets, number, version, { answers, valid, bad, slow, codes });
    }
  }
}
