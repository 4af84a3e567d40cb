import { csvHeader } from '../output/csv.ts';
import type { Terminal } from '../terminal.ts';
import { csvRow, jsonLine, type Line } from './predictions-file.ts';

/** Where rows go once they are predicted. */
export interface Destination {
  /** Rows that it has already. */
  readonly rows: number;
  readonly failed: number;
  /** The file in which rows are that can be gone on with. */
  readonly begun?: string;
  write(lines: readonly Line[]): Promise<void>;
  finish(): Promise<void>;
  close(): Promise<void>;
}

export function toTerminal(
  columns: readonly string[],
  format: 'csv' | 'jsonl',
  terminal: Terminal,
): Destination {
  let [rows, failed] = [0, 0];
  if (format === 'csv') terminal.out(csvHeader(columns));
  return {
    get rows() {
      return rows;
    },
    get failed() {
      return failed;
    },
    async write(lines) {
      for (const { values } of lines)
        terminal.out(format === 'csv' ? csvRow(values) : jsonLine(columns, values));
      rows += lines.length;
      failed += lines.filter(({ isError }) => isError).length;
    },
    finish: async () => {},
    close: async () => {},
  };
}
