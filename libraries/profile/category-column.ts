/** A column of texts as it is stored. */
export interface CategoryProfile {
  readonly name: string;
  readonly type: 'category';
  readonly rows: number;
  readonly missing: number;
  /** Different texts; where there are more than `mostKept`, and of merged profiles, at least so many. */
  readonly distinct: number;
  /** The first and the last of all texts in the order of their characters, which is that of time for ISO dates. */
  readonly first?: string;
  readonly last?: string;
  /** Frequent texts and how often they stand there: the reference's own, or the most frequent ones. */
  readonly levels: readonly (readonly [label: string, count: number])[];
  /** Rows with another text. */
  readonly others: number;
  /** Of a window: some texts that the reference does not have, where it stores all of its own. */
  readonly unseen?: readonly string[];
}

export const storedLevels = 64;
export const mostKept = 10_000;
const storedUnseen = 16;
/** Longer texts are told apart by their beginning and their length. */
const longestLabel = 100;

/** Counts a column of texts as it comes by. Keeps at most so many different ones: beyond, the rarest are given up. */
export class CategoryColumn {
  readonly #name: string;
  readonly #reference: CategoryProfile | undefined;
  readonly #counts = new Map<string, number>();
  #rows = 0;
  #missing = 0;
  /** The most different texts that were known at once: one that was given up may come again. */
  #mostFilled = 0;
  #first: string | undefined;
  #last: string | undefined;

  constructor(name: string, reference?: CategoryProfile) {
    this.#name = name;
    this.#reference = reference;
    // Levels of the reference are never given up: what is counted of them is exact.
    for (const [label] of reference?.levels ?? []) this.#counts.set(label, 0);
  }

  addMissing(): void {
    this.#rows++;
    this.#missing++;
  }

  add(text: string): void {
    this.#rows++;
    const label = labelOf(text);
    const known = this.#counts.get(label);
    this.#counts.set(label, (known ?? 0) + 1);
    // A text that was counted before has been looked at.
    if (known === undefined || known === 0) {
      if (this.#first === undefined || label < this.#first) this.#first = label;
      if (this.#last === undefined || label > this.#last) this.#last = label;
    }
    if (known === undefined && this.#counts.size > mostKept) this.#giveUpRarest();
  }

  profile(): CategoryProfile {
    const about = { name: this.#name, type: 'category' as const, rows: this.#rows, missing: this.#missing };
    const filled = [...this.#counts].filter(([, count]) => count > 0);
    const distinct = Math.max(filled.length, this.#mostFilled);
    const ends = endsOf(this.#first, this.#last);
    const there = this.#rows - this.#missing;
    const reference = this.#reference;
    const levels: [string, number][] =
      reference === undefined
        ? byFrequency(filled).slice(0, storedLevels)
        : reference.levels.map(([label]) => [label, this.#counts.get(label) ?? 0]);
    const others = there - levels.reduce((sum, [, count]) => sum + count, 0);
    if (reference === undefined || reference.others > 0)
      return { ...about, distinct, ...ends, levels, others };
    const known = new Set(levels.map(([label]) => label));
    const unseen = filled.map(([label]) => label).filter((label) => !known.has(label));
    return { ...about, distinct, ...ends, levels, others, unseen: firstOf(unseen) };
  }

  #giveUpRarest(): void {
    const filled = [...this.#counts.values()].filter((count) => count > 0).length;
    this.#mostFilled = Math.max(this.#mostFilled, filled);
    const own = new Set(this.#reference?.levels.map(([label]) => label));
    const rare = byFrequency([...this.#counts].filter(([label]) => !own.has(label))).slice(mostKept / 2);
    for (const [label] of rare) this.#counts.delete(label);
  }
}

/**
 * The profile of both parts together: the same as of the whole but for `distinct`, where both were counted by one reference, or
 * where no part had more texts than are stored. Else the rarest levels are counted too low, and `others` too high.
 */
export function mergeCategories(
  one: CategoryProfile,
  other: CategoryProfile,
  isReference: boolean,
): CategoryProfile {
  const counts = new Map(one.levels);
  for (const [label, count] of other.levels) counts.set(label, (counts.get(label) ?? 0) + count);
  const levels = isReference
    ? byFrequency([...counts]).slice(0, storedLevels)
    : one.levels.map(([label]): [string, number] => [label, counts.get(label) ?? 0]);
  const rows = one.rows + other.rows;
  const missing = one.missing + other.missing;
  const unseen =
    one.unseen === undefined || other.unseen === undefined
      ? {}
      : { unseen: firstOf([...new Set([...one.unseen, ...other.unseen])]) };
  return {
    name: one.name,
    type: 'category',
    rows,
    missing,
    distinct: Math.max(
      one.distinct,
      other.distinct,
      isReference ? counts.size : known(levels, unseen.unseen),
    ),
    ...endsOf(
      [one.first, other.first].filter((text) => text !== undefined).sort()[0],
      [one.last, other.last]
        .filter((text) => text !== undefined)
        .sort()
        .at(-1),
    ),
    levels,
    others: rows - missing - levels.reduce((sum, [, count]) => sum + count, 0),
    ...unseen,
  };
}

function endsOf(
  first: string | undefined,
  last: string | undefined,
): Pick<CategoryProfile, 'first' | 'last'> {
  return first === undefined || last === undefined ? {} : { first, last };
}

function known(levels: readonly (readonly [string, number])[], unseen: readonly string[] = []): number {
  return levels.filter(([, count]) => count > 0).length + unseen.length;
}

/** By name, so that it does not matter which part they were in. */
function firstOf(labels: readonly string[]): readonly string[] {
  return [...labels].sort().slice(0, storedUnseen);
}

export function labelOf(text: string): string {
  return text.length <= longestLabel ? text : `${text.slice(0, longestLabel - 12)}… (${text.length})`;
}

function byFrequency(counts: readonly (readonly [string, number])[]): [string, number][] {
  return [...counts]
    .sort(([name, count], [other, count2]) => count2 - count || (name < other ? -1 : 1))
    .map(([label, count]) => [label, count]);
}
