import type { Readable } from 'node:stream';
import { DataFileError } from './error.ts';
import { type Cell, type JsonWays, longestRecord, mostColumns, type RowBatch } from './rows.ts';

const rowsPerBatch = 1024;
const usual: JsonWays = { parse: JSON.parse, longInteger: () => undefined, stringify: JSON.stringify };

/** A JSON object a line, and at least one. A key that a line does not have is null; what is nested is its JSON. */
export async function* jsonlRows(stream: Readable, json = usual): AsyncGenerator<RowBatch> {
  const columns: string[] = [];
  const places = new Map<string, number>();
  let rows: Cell[][] = [];
  let line = 0;
  let isEmpty = true;
  for await (const text of linesOf(stream)) {
    line++;
    if (text.trim() === '') continue;
    const row: Cell[] = new Array<Cell>(columns.length).fill(null);
    for (const [key, value] of Object.entries(objectOf(text, line, json))) {
      let place = places.get(key);
      if (place === undefined) {
        place = columns.push(key) - 1;
        places.set(key, place);
        if (columns.length > mostColumns)
          throw new DataFileError(`line ${line}: more than ${mostColumns} columns`);
        row.push(null);
      }
      row[place] = cellOf(value, json);
    }
    rows.push(row);
    isEmpty = false;
    if (rows.length < rowsPerBatch) continue;
    yield batch(columns, rows);
    rows = [];
  }
  if (isEmpty) throw new DataFileError('it is empty: a line with a JSON object is missing');
  yield batch(columns, rows);
}

/** Rows from before a column came up are filled. */
function batch(columns: readonly string[], rows: Cell[][]): RowBatch {
  for (const row of rows) while (row.length < columns.length) row.push(null);
  return { columns: [...columns], rows };
}

function objectOf(text: string, line: number, { parse }: JsonWays): object {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new DataFileError(`line ${line} is no JSON`, { cause });
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw new DataFileError(`line ${line} is no JSON object`);
}

function cellOf(value: unknown, { longInteger, stringify }: JsonWays): Cell {
  const long = longInteger(value);
  if (long !== undefined) return long;
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value;
  return stringify(value);
}

async function* linesOf(stream: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let left = '';
  let line = 0;
  const decode = (chunk?: Uint8Array): string => {
    try {
      return chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true });
    } catch (cause) {
      throw new DataFileError(`it is not UTF-8, after line ${line}`, { cause });
    }
  };
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const pieces = (left + decode(chunk)).split('\n');
    left = pieces.pop() ?? '';
    if (left.length > longestRecord)
      throw new DataFileError(`line ${line + pieces.length + 1} is longer than 1 MiB`);
    for (const piece of pieces) {
      line++;
      yield piece;
    }
  }
  left += decode();
  if (left !== '') yield left;
}
