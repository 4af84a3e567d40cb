/** What was counted of the requests of one version: sums, that add up over processes and over time. */

export interface Counts {
  /** All answers: what latency is judged by. */
  readonly answers: number;
  /** Answers that show whether the version works: without those that blame the request (4xx). */
  readonly valid: number;
  /** Of `valid`, those that are no answer. */
  readonly bad: number;
  /** By the seconds of an objective: answers that took longer. */
  readonly slow: Readonly<Record<string, number>>;
  /** Of `bad`, by status; `notFinite` is an answer that is no number. */
  readonly codes: Readonly<Record<string, number>>;
}

export const nothing: Counts = { answers: 0, valid: 0, bad: 0, slow: {}, codes: {} };

export function add(one: Counts, other: Counts): Counts {
  return {
    answers: one.answers + other.answers,
    valid: one.valid + other.valid,
    bad: one.bad + other.bad,
    slow: addEach(one.slow, other.slow),
    codes: addEach(one.codes, other.codes),
  };
}

/**
 * What came to a cumulative counter since `before`. One that went back began anew: then it is all that it holds. Slowness that
 * was not counted before belongs to no time: none of it is taken.
 */
export function increaseOf(now: Counts, before: Counts): Counts {
  if (now.answers < before.answers || now.valid < before.valid || now.bad < before.bad) return now;
  return {
    answers: now.answers - before.answers,
    valid: now.valid - before.valid,
    bad: now.bad - before.bad,
    slow: eachOf(now.slow, (bound, count) => {
      const known = before.slow[bound];
      return known === undefined ? 0 : Math.max(0, count - known);
    }),
    codes: eachOf(now.codes, (code, count) => Math.max(0, count - (before.codes[code] ?? 0))),
  };
}

/** The share of `counts` that falls into the part of `parts` with this index: whole numbers, which add up to all of it. */
export function partOf(counts: Counts, index: number, parts: number): Counts {
  const part = (count: number) =>
    Math.floor((count * (index + 1)) / parts) - Math.floor((count * index) / parts);
  return {
    answers: part(counts.answers),
    valid: part(counts.valid),
    bad: part(counts.bad),
    slow: eachOf(counts.slow, (_, count) => part(count)),
    codes: eachOf(counts.codes, (_, count) => part(count)),
  };
}

type Numbers = Readonly<Record<string, number>>;

function addEach(one: Numbers, other: Numbers): Numbers {
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

function eachOf(numbers: Numbers, of: (name: string, count: number) => number): Numbers {
  const made: Record<string, number> = {};
  for (const [name, count] of Object.entries(numbers)) {
    const value = of(name, count);
    if (value !== 0) made[name] = value;
  }
  return made;
}
