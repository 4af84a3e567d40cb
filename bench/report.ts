/** What a benchmark gives back, and how it is shown. */
import picocolors from 'picocolors';

export interface Bench {
  readonly name: string;
  /** One sentence: what it measures against what. */
  readonly description: string;
  run(options: BenchOptions): Promise<BenchReport>;
}

export interface BenchOptions {
  /** Shorter phases and fewer rounds: to see that it works, not to quote. */
  readonly quick: boolean;
  /** Only what has a name that begins so; a bench without such parts does not look at it. */
  readonly only: string;
  /** How much of it, for a bench that has no end of its own. */
  readonly reloads?: number | undefined;
  readonly requests?: number | undefined;
  /** Says what is being measured now. */
  progress(text: string): void;
}

export interface BenchReport {
  readonly tables: readonly BenchTable[];
  /** Every number of the tables under a stable name, for comparison between runs. */
  readonly numbers: Readonly<Record<string, number>>;
  readonly targets: readonly BenchTarget[];
}

export interface BenchTable {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly (string | number)[])[];
}

export interface BenchTarget {
  readonly name: string;
  /** The limit as it is said: `<= 4x`. */
  readonly limit: string;
  readonly measured: string;
  readonly pass: boolean;
}

/** The report as text for a terminal. */
export function formatReport(report: BenchReport): string {
  const parts = report.tables.map(formatTable);
  if (report.targets.length > 0) {
    const rows = report.targets.map(({ name, limit, measured, pass }) => [
      pass ? picocolors.green('met') : picocolors.red('missed'),
      name,
      limit,
      measured,
    ]);
    parts.push(formatTable({ title: 'Targets', columns: ['', 'what', 'limit', 'measured'], rows }));
  }
  return parts.join('\n\n');
}

/** For a share in percent that must stay small. */
export function atMostPercent(name: string, measured: number, limit: number): BenchTarget {
  return { name, limit: `<= ${limit} %`, measured: `${round(measured)} %`, pass: measured <= limit };
}

/** A number with three digits that count. */
export function round(value: number): number {
  return value === 0 ? 0 : Number(value.toPrecision(3));
}

function formatTable(table: BenchTable): string {
  const cells = [table.columns, ...table.rows].map((row) => row.map(String));
  const widths = table.columns.map((_, column) =>
    Math.max(...cells.map((row) => visibleLength(row[column] ?? ''))),
  );
  const isNumeric = table.columns.map((_, column) =>
    table.rows.every((row) => typeof row[column] === 'number'),
  );
  const lines = cells.map((row) =>
    row
      .map((cell, column) => {
        const padding = ' '.repeat(widths[column]! - visibleLength(cell));
        return isNumeric[column] ? padding + cell : cell + padding;
      })
      .join('  ')
      .trimEnd(),
  );
  const [head, ...body] = lines;
  return [picocolors.bold(table.title), picocolors.dim(head!), ...body].join('\n');
}

function visibleLength(text: string): number {
  // biome would have the escape character written otherwise: it is what a terminal colour begins with.
  return text.replaceAll(new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g'), '').length;
}
