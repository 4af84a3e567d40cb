import type { Readable } from 'node:stream';
import { CsvError, parse } from 'csv-parse';
import { DataFileError } from './error.ts';
import { longestRecord, mostColumns, type RowBatch } from './rows.ts';

const rowsPerBatch = 1024;

/** The first record is the header. An empty field is null. */
export async function* csvRows(stream: Readable, delimiter = ','): AsyncGenerator<RowBatch<string | null>> {
  const parser = stream.pipe(
    parse({
      bom: true,
      delimiter,
      max_record_size: longestRecord,
      relax_column_count: true,
      on_record: withoutBlankLines,
    }),
  );
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const judge = (chunk?: Uint8Array): void => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (cause) {
      parser.destroy(new DataFileError(`it is not UTF-8, after line ${parser.info.lines}`, { cause }));
    }
  };
  stream.on('data', judge);
  stream.on('end', () => judge());
  stream.on('error', (error) => parser.destroy(error));
  let columns: readonly string[] | undefined;
  let rows: (string | null)[][] = [];
  try {
    for await (const record of parser as AsyncIterable<string[]>) {
      if (columns === undefined) {
        columns = headerOf(record);
        continue;
      }
      rows.push(record.map((field) => (field === '' ? null : field)));
      if (rows.length < rowsPerBatch) continue;
      yield { columns, rows };
      rows = [];
    }
  } catch (thrown) {
    if (thrown instanceof CsvError) throw new DataFileError(thrown.message, { cause: thrown });
    throw thrown;
  } finally {
    parser.destroy();
    // What it is read from is let go, too, where reading ends before it does.
    stream.destroy();
  }
  if (columns === undefined)
    throw new DataFileError('it is empty: a header with the names of the columns is missing');
  // Also without a row: whoever reads then knows the columns.
  yield { columns, rows };
}

/** A line with nothing on it is no record, unless a record is one value: there it is one that is missing. */
function withoutBlankLines(
  record: string[],
  { error }: { readonly error?: CsvError | undefined },
): string[] | null {
  if (error === undefined) return record;
  if (record.length === 1 && record[0] === '') return null;
  throw error;
}

function headerOf(record: readonly string[]): readonly string[] {
  if (record.length > mostColumns)
    throw new DataFileError(`it has ${record.length} columns: at most ${mostColumns}`);
  const twice = record.find((name, at) => record.indexOf(name) !== at);
  if (twice !== undefined) throw new DataFileError(`two of its columns are called ${JSON.stringify(twice)}`);
  return record;
}
