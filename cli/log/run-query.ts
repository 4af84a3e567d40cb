import type { LogAnswer } from '../../core/capabilities/prediction-sink.ts';
import { connect } from '../client/api.ts';
import { exitCodes } from '../exit-codes.ts';
import { csvHeader, csvLine } from '../output/csv.ts';
import { logAnswerTable } from '../output/log-answer.ts';
import type { Terminal } from '../terminal.ts';

export interface QueryOptions {
  readonly sql: string;
  readonly limit: number;
  readonly output: 'table' | 'json' | 'jsonl' | 'csv';
  readonly api?: string;
}

/** Asks the log by SQL and prints what it answers. */
export async function runQuery(options: QueryOptions, terminal: Terminal): Promise<number> {
  const { limit, output } = options;
  const sql = options.sql === '-' ? await terminal.readInput() : options.sql;
  const api = await connect({ ...options, timeout: 120_000 }, terminal);
  const answer = await api.post<LogAnswer>('/plugins/prediction-log/query', { sql, limit });
  terminal.out(printed(answer, output, terminal));
  if (answer.isCut) {
    terminal.err(
      `There are more than these ${answer.rows.length} rows: ask with LIMIT or a larger --limit.\n`,
    );
  }
  return exitCodes.success;
}

function printed(answer: LogAnswer, output: QueryOptions['output'], terminal: Terminal): string {
  const { columns, rows } = answer;
  if (output === 'table') return logAnswerTable(answer, terminal);
  const names = columns.map(({ name }) => name);
  if (output === 'csv') return csvHeader(names) + rows.map(csvLine).join('');
  const objects = rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  if (output === 'jsonl') return objects.map((one) => `${JSON.stringify(one)}\n`).join('');
  return `${JSON.stringify(objects, null, 2)}\n`;
}
