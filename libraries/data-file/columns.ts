import { isMissing, numberOf } from './number-text.ts';
import { readRows } from './read-rows.ts';
import type { Cell, ReadOptions } from './rows.ts';

/** A column as a whole: numbers, or how often each text stands there. */
export type ColumnValues =
  | {
      readonly type: 'number';
      readonly rows: number;
      readonly missing: number;
      readonly values: Float64Array;
      readonly infinite: number;
      /** Texts in a column that was to be read as numbers. */
      readonly unreadable: number;
    }
  | {
      readonly type: 'category';
      readonly rows: number;
      readonly missing: number;
      readonly counts: ReadonlyMap<string, number>;
    };

export interface ColumnReadOptions extends ReadOptions {
  /** Only these; all where it is absent. */
  readonly columns?: readonly string[];
  /** How to read a column; one that is not named holds numbers where each of its values is one. */
  readonly types?: ReadonlyMap<string, 'number' | 'category'>;
}

/** Reads a file's columns into memory: 8 bytes a number, and each distinct text once. Throws `DataFileError`. */
export async function readColumns(
  path: string,
  { columns: wanted, types, ...options }: ColumnReadOptions = {},
): Promise<ReadonlyMap<string, ColumnValues>> {
  const collectors = new Map<string, ColumnCollector>();
  let rows = 0;
  for await (const batch of readRows(path, options)) {
    for (const [place, name] of batch.columns.entries()) {
      if (wanted !== undefined && !wanted.includes(name)) continue;
      let collector = collectors.get(name);
      if (collector === undefined) {
        collector = new ColumnCollector(types?.get(name), rows);
        collectors.set(name, collector);
      }
      for (const row of batch.rows) collector.add(row[place] ?? null);
    }
    rows += batch.rows.length;
  }
  return new Map([...collectors].map(([name, collector]) => [name, collector.result()]));
}

/** Takes in one column, cell by cell. */
export class ColumnCollector {
  readonly #asked: 'number' | 'category' | undefined;
  #rows: number;
  #missing: number;
  #infinite = 0;
  #unreadable = 0;
  #values = new Float64Array(256);
  #filled = 0;
  #counts: Map<string, number> | undefined;

  constructor(asked: 'number' | 'category' | undefined, rowsBefore: number) {
    this.#asked = asked;
    this.#rows = rowsBefore;
    this.#missing = rowsBefore;
    if (asked === 'category') this.#counts = new Map();
  }

  add(cell: Cell): void {
    this.#rows++;
    if (isMissing(cell)) {
      this.#missing++;
      return;
    }
    if (this.#counts !== undefined) {
      this.#count(String(cell));
      return;
    }
    const value = numberOf(cell);
    if (value === undefined) {
      if (this.#asked === 'number') this.#unreadable++;
      else this.#becomeCategories(String(cell));
    } else if (Number.isFinite(value)) this.#push(value);
    else this.#infinite++;
  }

  result(): ColumnValues {
    const about = { rows: this.#rows, missing: this.#missing };
    if (this.#counts !== undefined) return { type: 'category', ...about, counts: this.#counts };
    const values = this.#values.slice(0, this.#filled);
    return { type: 'number', ...about, values, infinite: this.#infinite, unreadable: this.#unreadable };
  }

  #push(value: number): void {
    if (this.#filled === this.#values.length) {
      const grown = new Float64Array(2 * this.#filled);
      grown.set(this.#values);
      this.#values = grown;
    }
    this.#values[this.#filled++] = value;
  }

  #becomeCategories(text: string): void {
    this.#counts = new Map();
    for (const value of this.#values.subarray(0, this.#filled)) this.#count(String(value));
    if (this.#infinite > 0) this.#counts.set('Infinity', this.#infinite);
    this.#values = new Float64Array(0);
    this.#count(text);
  }

  #count(text: string): void {
    this.#counts?.set(text, (this.#counts.get(text) ?? 0) + 1);
  }
}
