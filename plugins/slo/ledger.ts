/** What one deployment did over time, minute by minute; what is older than six hours, by the half hour. Times are in milliseconds. */
import { addSums, type Bucket, Buckets, type KeptBucket, noSums, type Sums } from './buckets.ts';
import { add, type Counts, nothing } from './counts.ts';

const minuteMs = 60_000;
const halfHourMs = 30 * minuteMs;
/** Windows up to this long are summed by the minute. */
export const fineMs = 6 * 3_600_000;

export class Ledger {
  readonly #minutes = new Buckets(minuteMs);
  readonly #halfHours = new Buckets(halfHourMs);
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
    return this.#minutes.isEmpty && this.#halfHours.isEmpty;
  }

  /** What is not asked for any more is unknown from now on. */
  followOnly(wanted: ReadonlySet<string>): void {
    for (const what of this.#since.keys()) if (!wanted.has(what)) this.#since.delete(what);
  }

  count(version: string, counts: Counts, at: number): void {
    this.#minutes.count(version, counts, at);
  }

  /** Sums up to now of windows of these lengths, ascending; each begins within a minute, or half an hour, before it. */
  sums(lengths: readonly number[], now: number): readonly Sums[] {
    const sums: Sums[] = [];
    const sum = noSums();
    const take = () => sums.push({ ...sum, slow: { ...sum.slow } });
    this.#walk(now, (bucket, endsAt) => {
      while (sums.length < lengths.length && endsAt <= now - (lengths[sums.length] ?? 0)) take();
      addSums(sum, bucket.sums);
      return sums.length < lengths.length;
    });
    while (sums.length < lengths.length) take();
    return sums;
  }

  /** What each version did in the last so many milliseconds. */
  versions(length: number, now: number): ReadonlyMap<string, Counts> {
    const all = new Map<string, Counts>();
    this.#walk(now, ({ versions }, endsAt) => {
      if (endsAt <= now - length) return false;
      for (const [version, counts] of versions) all.set(version, add(all.get(version) ?? nothing, counts));
      return true;
    });
    return all;
  }

  /** Sums up what has grown old, and drops what is older than `longest`. Whether there was any. */
  fold(now: number, longest: number): boolean {
    // Minutes of the half hour in which the fine part begins are still kept one by one.
    const aged = this.#minutes.takeUntil(Math.floor((now - fineMs) / halfHourMs) * halfHourMs);
    for (const [at, { versions }] of aged) {
      for (const [version, counts] of versions) this.#halfHours.count(version, counts, at);
    }
    return this.#halfHours.takeUntil(now - longest).length > 0 || aged.length > 0;
  }

  /** Everything happened so many half hours later. */
  shift(halfHours: number): void {
    const by = halfHours * halfHourMs;
    this.#minutes.shift(by);
    this.#halfHours.shift(by);
    for (const [what, at] of this.#since) this.#since.set(what, at + by);
  }

  /** As JSON. */
  recentText(): string {
    return `{"since":${JSON.stringify(Object.fromEntries(this.#since))},"minutes":${this.#minutes.text()}}`;
  }

  /** As JSON. */
  olderText(): string {
    return this.#halfHours.text();
  }

  /** Takes in what was written down. A half hour is whole where it is there: its minutes are in it. */
  restore({ since, minutes }: KeptRecentPart, older: readonly KeptBucket[]): void {
    for (const [what, at] of Object.entries(since)) this.#since.set(what, at);
    this.#halfHours.restore(older);
    this.#minutes.restore(minutes.filter(([minute]) => !this.#halfHours.has(minute * minuteMs)));
  }

  /** From the newest to the oldest, as long as it is wanted. */
  #walk(now: number, visit: (bucket: Bucket, endsAt: number) => boolean): void {
    if (this.#minutes.walk(now, visit)) this.#halfHours.walk(now, visit);
  }
}

/** What `recentText` says. */
export interface KeptRecentPart {
  readonly since: Readonly<Record<string, number>>;
  readonly minutes: readonly KeptBucket[];
}
