import { CategoryColumn } from './category-column.ts';
import { NumberColumn } from './number-column.ts';
import { makeProfile, type Profile, type ProfiledData } from './profile.ts';

/** What a column is known to hold before its first value. */
export type ColumnTypes = ReadonlyMap<string, 'number' | 'category'>;

export interface CellReader<Cell> {
  isMissing(cell: Cell | undefined): boolean;
  /** The number that a cell is; undefined where it is none. */
  numberOf(cell: Cell): number | undefined;
}

/** Values that decide whether a column holds numbers. */
const decisive = 1000;

interface Undecided<Cell> {
  readonly kind: 'undecided';
  readonly cells: (Cell | undefined)[];
  values: number;
}

type Column<Cell> =
  | Undecided<Cell>
  | { readonly kind: 'number'; readonly column: NumberColumn }
  | { readonly kind: 'category'; readonly column: CategoryColumn };

/**
 * Makes a profile of rows as they come by. Without a reference the first thousand values decide whether a column holds numbers; with
 * one, its columns, types, cells and levels are taken, and no others. Where the types are known, those columns are taken, and no others.
 */
export class Profiler<Cell> {
  readonly #reader: CellReader<Cell>;
  readonly #reference: Profile | undefined;
  readonly #types: ColumnTypes | undefined;
  readonly #columns = new Map<string, Column<Cell>>();
  #rows = 0;

  constructor(reader: CellReader<Cell>, reference?: Profile, types?: ColumnTypes) {
    this.#reader = reader;
    this.#reference = reference;
    this.#types = reference === undefined ? types : undefined;
    for (const [name, type] of this.#types ?? []) {
      this.#columns.set(
        name,
        type === 'number'
          ? { kind: 'number', column: new NumberColumn(name) }
          : { kind: 'category', column: new CategoryColumn(name) },
      );
    }
    for (const column of reference?.columns ?? []) {
      this.#columns.set(
        column.name,
        column.type === 'number'
          ? { kind: 'number', column: new NumberColumn(column.name, column.edges) }
          : { kind: 'category', column: new CategoryColumn(column.name, column) },
      );
    }
  }

  get rows(): number {
    return this.#rows;
  }

  add(columns: readonly string[], rows: readonly (readonly Cell[])[]): void {
    const places = new Map(columns.map((name, place) => [name, place]));
    const isOpen = this.#reference === undefined && this.#types === undefined;
    if (isOpen) for (const name of columns) this.#open(name);
    for (const [name, column] of this.#columns) {
      const place = places.get(name);
      for (const row of rows)
        this.#addCell(
          name,
          column.kind === 'undecided' ? this.#columns.get(name)! : column,
          place === undefined ? undefined : row[place],
        );
    }
    this.#rows += rows.length;
  }

  profile(data?: ProfiledData): Profile {
    const columns = [...this.#columns.keys()].map((name) => {
      const column = this.#columns.get(name)!;
      return (column.kind === 'undecided' ? this.#decide(name, column) : column).column.profile();
    });
    return makeProfile(this.#rows, columns, { reference: this.#reference, data });
  }

  /** A column that comes up late was missing so far. */
  #open(name: string): void {
    if (this.#columns.has(name)) return;
    this.#columns.set(name, {
      kind: 'undecided',
      cells: new Array<undefined>(this.#rows).fill(undefined),
      values: 0,
    });
  }

  #addCell(name: string, column: Column<Cell>, cell: Cell | undefined): void {
    const { isMissing, numberOf } = this.#reader;
    if (column.kind === 'undecided') {
      column.cells.push(cell);
      if (!isMissing(cell)) column.values++;
      if (column.values >= decisive || column.cells.length >= 20 * decisive) this.#decide(name, column);
    } else if (isMissing(cell) || cell === undefined) column.column.addMissing();
    else if (column.kind === 'category') column.column.add(String(cell));
    else {
      const value = numberOf(cell);
      if (value === undefined) column.column.addUnreadable();
      else column.column.add(value);
    }
  }

  #decide(name: string, { cells, values }: Undecided<Cell>): Exclude<Column<Cell>, Undecided<Cell>> {
    const { isMissing, numberOf } = this.#reader;
    const isNumber =
      values > 0 &&
      cells.every((cell) => cell === undefined || isMissing(cell) || numberOf(cell) !== undefined);
    const decided = isNumber
      ? ({ kind: 'number', column: new NumberColumn(name) } as const)
      : ({ kind: 'category', column: new CategoryColumn(name) } as const);
    this.#columns.set(name, decided);
    for (const cell of cells) this.#addCell(name, decided, cell);
    return decided;
  }
}
