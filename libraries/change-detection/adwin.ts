import { type Detector, requireOption, requireWithin } from './detector.ts';

export interface AdwinOptions {
  /** The smaller, the fewer alarms. Default 0.002. */
  readonly delta?: number;
  /** Values from one look to the next. Default 32. */
  readonly clock?: number;
}

/** Values that stand together: how many, their sum, and their squared deviations from their mean. */
interface Bucket {
  readonly count: number;
  readonly sum: number;
  readonly squares: number;
}

export interface AdwinState {
  readonly seen: number;
  readonly sinceLook: number;
  /** From the oldest to the newest. */
  readonly buckets: readonly Bucket[];
}

const bucketsPerSize = 5;

/**
 * An adaptive window over values from 0 to 1: it grows while its parts agree, and drops its older part where two parts differ by
 * more than chance, which is the alarm (Bifet and Gavaldà, "Learning from time-changing data with adaptive windowing", SDM 2007: their
 * ADWIN2, with buckets whose sizes double). It forgets by itself: `mean` is always of what is the case now.
 */
export function adwin(
  { delta = 0.002, clock = 32 }: AdwinOptions = {},
  state?: AdwinState,
): Detector & { mean(): number } {
  requireOption('delta', delta, delta > 0 && delta < 1, 'it lies between 0 and 1');
  requireOption(
    'clock',
    clock,
    Number.isSafeInteger(clock) && clock >= 1,
    'it is a whole number of at least 1',
  );
  let buckets: Bucket[] = [...(state?.buckets ?? [])];
  let sinceLook = state?.sinceLook ?? 0;

  return {
    add(value) {
      requireWithin('the value', value, 0, 1);
      buckets.push({ count: 1, sum: value, squares: 0 });
      compress(buckets);
      if (++sinceLook < clock) return 'none';
      sinceLook = 0;
      let hasShrunk = false;
      for (let cut = cutOf(buckets, delta); cut !== undefined; cut = cutOf(buckets, delta)) {
        buckets = buckets.slice(cut);
        hasShrunk = true;
      }
      return hasShrunk ? 'alarm' : 'none';
    },
    get seen() {
      return total(buckets).count;
    },
    mean() {
      const { count, sum } = total(buckets);
      return count === 0 ? 0 : sum / count;
    },
    state: (): AdwinState => ({ seen: total(buckets).count, sinceLook, buckets: [...buckets] }),
  };
}

/** Where more buckets than allowed have one size, the two oldest of them become one of twice the size. */
function compress(buckets: Bucket[]): void {
  let end = buckets.length;
  while (end > 0) {
    const size = buckets[end - 1]!.count;
    let start = end;
    while (start > 0 && buckets[start - 1]!.count === size) start--;
    if (end - start <= bucketsPerSize) return;
    buckets.splice(start, 2, merged(buckets[start]!, buckets[start + 1]!));
    end = start + 1;
  }
}

function merged(one: Bucket, other: Bucket): Bucket {
  const count = one.count + other.count;
  const apart = one.sum / one.count - other.sum / other.count;
  const squares = one.squares + other.squares + ((one.count * other.count) / count) * apart * apart;
  return { count, sum: one.sum + other.sum, squares };
}

const empty: Bucket = { count: 0, sum: 0, squares: 0 };

function total(buckets: readonly Bucket[]): Bucket {
  return buckets.reduce((all, bucket) => (all.count === 0 ? bucket : merged(all, bucket)), empty);
}

/** How many of the oldest buckets to drop: those before the first cut whose sides differ. Undefined where none does. */
function cutOf(buckets: readonly Bucket[], delta: number): number | undefined {
  const all = total(buckets);
  if (all.count < 10) return undefined;
  const variance = all.squares / all.count;
  const log = Math.log((2 * Math.log(all.count)) / delta);
  let older = { count: 0, sum: 0 };
  for (let at = 1; at < buckets.length; at++) {
    const bucket = buckets[at - 1]!;
    older = { count: older.count + bucket.count, sum: older.sum + bucket.sum };
    const newer = { count: all.count - older.count, sum: all.sum - older.sum };
    if (older.count < 5 || newer.count < 5) continue;
    const inverse = 1 / (1 / older.count + 1 / newer.count);
    const bound = Math.sqrt((2 / inverse) * variance * log) + (2 / (3 * inverse)) * log;
    // The oldest bucket alone goes: the cut is looked for anew, so that nothing current is lost.
    if (Math.abs(older.sum / older.count - newer.sum / newer.count) > bound) return 1;
  }
  return undefined;
}
