import { resolve } from 'node:path';
import { type Cell, isMissing, numberOf, readRows } from '../../libraries/data-file/index.ts';
import { missing, type SlicedColumn, unnamed } from '../../libraries/statistics/performance/index.ts';
import { dataFileProblem } from '../data-file-problem.ts';
import { withProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';

/** A column as it stands there: 12 bytes a row, and each distinct text once. */
export interface FileColumn extends SlicedColumn {
  /** NaN where there is no finite number. */
  readonly numbers: Float64Array;
  /** Into `names`; `missing` where nothing stands, `unnamed` beyond the most names. */
  readonly codes: Int32Array;
  readonly names: readonly string[];
}

/** A column with more distinct values than these holds numbers, or nothing that rows can be told apart by. */
const mostNames = 1000;

/** The columns of a file that are asked for; those that it does not have are absent. */
export async function readPredictionFile(
  file: string,
  columns: readonly string[],
  terminal: Terminal,
): Promise<ReadonlyMap<string, FileColumn>> {
  const path = resolve(terminal.folder, file);
  let bytes = 0;
  const onBytes = (more: number): void => {
    bytes += more;
  };
  try {
    return await withProgress(
      terminal,
      () => `reading ${file}: ${Math.round(bytes / 1e6)} MB`,
      collect(path, columns, { signal: terminal.signal, onBytes }),
    );
  } catch (thrown) {
    throw dataFileProblem(path, thrown);
  }
}

async function collect(
  path: string,
  wanted: readonly string[],
  options: { readonly signal: AbortSignal; readonly onBytes: (bytes: number) => void },
): Promise<ReadonlyMap<string, FileColumn>> {
  const collectors = new Map<string, Collector>();
  let rows = 0;
  for await (const batch of readRows(path, options)) {
    for (const [place, name] of batch.columns.entries()) {
      if (!wanted.includes(name)) continue;
      let collector = collectors.get(name);
      if (collector === undefined) {
        collector = new Collector();
        // JSONL may name a column late.
        for (let before = 0; before < rows; before++) collector.add(null);
        collectors.set(name, collector);
      }
      for (const row of batch.rows) collector.add(row[place] ?? null);
    }
    rows += batch.rows.length;
  }
  return new Map([...collectors].map(([name, collector]) => [name, collector.result()]));
}

class Collector {
  #numbers = new Float64Array(1024);
  #codes = new Int32Array(1024);
  #rows = 0;
  readonly #codeOf = new Map<string, number>();

  add(cell: Cell): void {
    if (this.#rows === this.#codes.length) this.#grow();
    const at = this.#rows++;
    this.#numbers[at] = Number.NaN;
    if (isMissing(cell) || cell === null) {
      this.#codes[at] = missing;
      return;
    }
    const value = numberOf(cell);
    const isNumber = value !== undefined && Number.isFinite(value);
    if (isNumber) this.#numbers[at] = value;
    // 1, 1.0 and "1" are the same label.
    this.#codes[at] = this.#code(isNumber ? String(value) : String(cell));
  }

  result(): FileColumn {
    return {
      numbers: this.#numbers.slice(0, this.#rows),
      codes: this.#codes.slice(0, this.#rows),
      names: [...this.#codeOf.keys()],
    };
  }

  #code(text: string): number {
    const known = this.#codeOf.get(text);
    if (known !== undefined) return known;
    if (this.#codeOf.size === mostNames) return unnamed;
    this.#codeOf.set(text, this.#codeOf.size);
    return this.#codeOf.size - 1;
  }

  #grow(): void {
    const numbers = new Float64Array(2 * this.#rows);
    numbers.set(this.#numbers);
    this.#numbers = numbers;
    const codes = new Int32Array(2 * this.#rows);
    codes.set(this.#codes);
    this.#codes = codes;
  }
}
