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
  /** The columns of the graph: `* `, `| `, `|/`. */
  readonly graph: string;
  /** Undefined on a row that only joins or parts columns. */
  readonly version: GraphVersion | undefined;
}

/**
 * Draws the versions of a model as a graph, newest first, in the manner of `git log --graph`: a column a line of
 * descent; where a version has two parents, its columns part below it.
 */
export function drawVersionGraph(versions: readonly GraphVersion[]): readonly GraphRow[] {
  const present = new Set(versions.map(({ version }) => version));
  const rows: GraphRow[] = [];
  /** The version that each column waits for. */
  let columns: string[] = [];
  for (const version of newestFirst(versions)) {
    let at = columns.indexOf(version.version);
    if (at < 0) {
      at = columns.length;
      columns.push(version.version);
    }
    // Columns that wait for the same version join here.
    const others = columns.flatMap((wanted, column) =>
      column > at && wanted === version.version ? [column] : [],
    );
    for (const column of others.reverse()) {
      rows.push({
        graph: columns.map((_, each) => (each === column ? '/' : '|')).join(' '),
        version: undefined,
      });
      columns.splice(column, 1);
    }
    rows.push({ graph: columns.map((_, column) => (column === at ? '*' : '|')).join(' '), version });
    const [first, ...more] = version.parents.filter((parent) => present.has(parent));
    if (first === undefined) {
      columns = columns.filter((_, column) => column !== at);
      continue;
    }
    columns[at] = first;
    for (const parent of more) {
      columns.splice(at + 1, 0, parent);
      const marks = columns.map((_, column) => (column === at + 1 ? '\\' : '|'));
      rows.push({ graph: marks.join(' '), version: undefined });
    }
  }
  return rows;
}

/** Higher versions first: a parent is always lower than its child, so that nothing stands above what comes from it. */
function newestFirst(versions: readonly GraphVersion[]): readonly GraphVersion[] {
  return [...versions].sort((a, b) => compare(b.version, a.version));
}
