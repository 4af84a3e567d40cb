import type { LogAnswer } from '../../core/capabilities/prediction-sink.ts';
import { type Api, connect } from '../client/api.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { csvHeader, csvLine } from '../output/csv.ts';
import type { Terminal } from '../terminal.ts';
import { parseMoment } from '../time-travel/moment.ts';

export interface ExportOptions {
  readonly deployment?: string;
  readonly from?: string;
  readonly to?: string;
  readonly labelled?: boolean;
  readonly output: 'jsonl' | 'csv';
  readonly api?: string;
}

const pageRows = 5_000;

/** Writes predictions, a page after the other, each from where the one before ended. */
export async function runExport(options: ExportOptions, terminal: Terminal): Promise<number> {
  const conditions = conditionsOf(options);
  const api = await connect({ ...options, timeout: 120_000 }, terminal);
  const view = options.labelled === true ? 'labelled' : 'predictions';
  let last: readonly unknown[] | undefined;
  let isFirst = true;
  do {
    const { columns, rows, isCut } = await page(api, view, conditions, last);
    const names = columns.map(({ name }) => name);
    if (isFirst && options.output === 'csv') terminal.out(csvHeader(names));
    isFirst = false;
    terminal.out(
      rows
        .map((row) =>
          options.output === 'csv'
            ? csvLine(row)
            : `${JSON.stringify(Object.fromEntries(names.map((name, index) => [name, row[index]])))}\n`,
        )
        .join(''),
    );
    const end = rows.at(-1);
    const cellOf = (name: string) => end?.[names.indexOf(name)];
    last = isCut ? ['time', 'id', 'version', 'row'].map(cellOf) : undefined;
  } while (last !== undefined && !terminal.signal.aborted);
  return exitCodes.success;
}

function page(
  api: Api,
  view: string,
  conditions: readonly string[],
  after: readonly unknown[] | undefined,
): Promise<LogAnswer> {
  const all = [...conditions, ...(after === undefined ? [] : beyond(after))];
  const where = all.length === 0 ? '' : `WHERE ${all.join(' AND ')}`;
  // With its limit, as many rows are held in memory; without, all that are left would be sorted for each page.
  const sql = `SELECT * FROM ${view} ${where} ORDER BY time, id, version, row LIMIT ${pageRows + 1}`;
  return api.post('/plugins/prediction-log/query', { sql, limit: pageRows });
}

/** The time once more by itself: by that alone files and parts of them are passed over. */
function beyond([time, id, version, row]: readonly unknown[]): readonly string[] {
  const moment = `TIMESTAMP ${quoted(time)}`;
  return [
    `time >= ${moment}`,
    `(time, id, version, row) > (${moment}, ${quoted(id)}, ${quoted(version)}, ${Number(row)})`,
  ];
}

function conditionsOf({ deployment, from, to }: ExportOptions): readonly string[] {
  const conditions: string[] = [];
  if (deployment !== undefined) {
    const [environment, name, ...more] = deployment.split('/');
    if (!environment || !name || more.length > 0) {
      throw usageError(`${deployment} is not environment/name`, 'Write it as in production/bird-strike.');
    }
    conditions.push(`environment = ${quoted(environment)}`, `deployment = ${quoted(name)}`);
  }
  for (const [flag, text, sign] of [
    ['--from', from, '>='],
    ['--to', to, '<='],
  ] as const) {
    if (text === undefined) continue;
    // A day is meant from its beginning, where it is the beginning that is asked for.
    const moment = parseMoment(
      flag === '--from' && /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text,
      Date.now(),
    );
    if (moment === undefined)
      throw usageError(`${flag} is no time: ${text}`, 'Write RFC 3339, a day, or `2h ago`.');
    conditions.push(`time ${sign} TIMESTAMP '${new Date(moment * 1000).toISOString().replace('Z', '')}'`);
  }
  return conditions;
}

function quoted(value: unknown): string {
  return `'${String(value).replaceAll("'", "''")}'`;
}
