import { compare } from 'semver';

/** A version in the graph of a model. */
export interface GraphVersion {
  readonly version: string;
  readonly line: string;
  readonly parents: readonly string[];
  /** Where it is deployed. */
  readonly deployedIn: readonly string[];
  readonly quarantined: boolean;
}

export interface GraphRow {
  /** The columns of the graph: `* |`, `|\`, `|/`. */
  readonly graph: string;
  /** Undefined on a row that only joins or parts columns. */
  readonly version: GraphVersion | undefined;
}

/**
 * Draws the versions of a model as a graph, newest first, in the manner of `git log --graph`: each column waits for the
 * version that what stands above it comes from. Where a version has two parents a column parts from its own; columns that
 * wait for the same version join at once, so that a graph is as narrow as it can be.
 */
export function drawVersionGraph(versions: readonly GraphVersion[]): readonly GraphRow[] {
  const present = new Set(versions.map(({ version }) => version));
  const drawing = new Drawing();
  for (const version of newestFirst(versions)) {
    const parents = version.parents.filter((parent) => present.has(parent));
    drawing.place(version, [...new Set(parents)]);
  }
  return drawing.rows;
}

/** Higher versions first: a parent is always lower than its child, so that nothing stands above what comes from it. */
function newestFirst(versions: readonly GraphVersion[]): readonly GraphVersion[] {
  return [...versions].sort((a, b) => compare(b.version, a.version));
}

class Drawing {
  readonly rows: GraphRow[] = [];
  /** The version that each column waits for; no two wait for the same. */
  readonly #columns: string[] = [];

  place(version: GraphVersion, [first, ...others]: readonly string[]): void {
    const columns = this.#columns;
    let at = columns.indexOf(version.version);
    if (at < 0) {
      at = columns.length;
      // A line that begins right below one that ended would look like its end.
      const above = this.rows.at(-1);
      if (above?.version !== undefined && above.graph[2 * at] === '*')
        this.#draw(columns.map((_, column) => bar(column)));
      columns.push(version.version);
    }
    this.rows.push({ graph: columns.map((_, column) => (column === at ? '*' : '|')).join(' '), version });
    if (first === undefined) {
      columns.splice(at, 1);
      // What stands to the right of a column that ends moves up to where it was.
      if (at < columns.length)
        this.#draw(columns.map((_, column) => (column < at ? bar(column) : left(column + 1))));
      return;
    }
    for (const parent of others) this.#part(at, parent);
    columns[at] = first;
    const twin = columns.findIndex((wanted, column) => column !== at && wanted === first);
    if (twin >= 0) this.#join(Math.max(at, twin), Math.min(at, twin));
  }

  /** Draws the way from a version to a parent that is not its first. */
  #part(at: number, parent: string): void {
    const columns = this.#columns;
    const there = columns.indexOf(parent);
    if (there < 0) {
      this.#draw([...columns.map((_, column) => (column <= at ? bar(column) : right(column))), right(at)]);
      columns.splice(at + 1, 0, parent);
      return;
    }
    // To a column that is there already, across those between.
    const [step, stroke] = there < at ? [-1, left] : [1, right];
    for (let column = at; column !== there; column += step) this.#cross(stroke(column));
  }

  /** Leads a column into another to its left, across those between; what stands to its right moves up. */
  #join(from: number, into: number): void {
    this.#draw(this.#columns.map((_, column) => (column < from ? bar(column) : left(column))));
    this.#columns.splice(from, 1);
    for (let column = from - 1; column > into; column -= 1) this.#cross(left(column));
  }

  /** One stroke between columns that go on. */
  #cross(stroke: Stroke): void {
    this.#draw([...this.#columns.map((_, column) => bar(column)), stroke]);
  }

  #draw(strokes: readonly Stroke[]): void {
    const graph: string[] = [];
    for (const { place, mark } of strokes) graph[place] = mark;
    this.rows.push({ graph: Array.from(graph, (mark) => mark ?? ' ').join(''), version: undefined });
  }
}

/** Columns stand at even places; what leads from one to the next stands between them. */
interface Stroke {
  readonly place: number;
  readonly mark: '|' | '/' | '\\';
}

const bar = (column: number): Stroke => ({ place: 2 * column, mark: '|' });
const left = (column: number): Stroke => ({ place: 2 * column - 1, mark: '/' });
const right = (column: number): Stroke => ({ place: 2 * column + 1, mark: '\\' });
