import { type Cell, isMissing } from '../../libraries/data-file/index.ts';

/** Different values of a column that are remembered: beyond, it is not said whether one stands twice. */
const mostRemembered = 5_000_000;

/** Counts rows that repeat a value of a column, exactly: what a profile cannot know of many values. */
export class RepeatedRows {
  readonly #columns: Map<string, { readonly seen: Set<string>; repeated: number }>;

  constructor(columns: readonly { readonly name: string }[]) {
    this.#columns = new Map(columns.map(({ name }) => [name, { seen: new Set(), repeated: 0 }]));
  }

  add(columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
    for (const [name, counted] of this.#columns) {
      const place = columns.indexOf(name);
      if (place < 0) continue;
      for (const row of rows) {
        const cell = row[place];
        if (cell === undefined || isMissing(cell)) continue;
        const text = String(cell);
        if (counted.seen.has(text)) counted.repeated++;
        else counted.seen.add(text);
      }
      if (counted.seen.size > mostRemembered) this.#columns.delete(name);
    }
  }

  counts(): ReadonlyMap<string, number> {
    return new Map([...this.#columns].map(([name, { repeated }]) => [name, repeated]));
  }
}
