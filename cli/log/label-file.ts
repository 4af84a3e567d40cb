import { CsvError, parse } from 'csv-parse/sync';
import { messageOf } from '../../core/errors.ts';
import { saysNothing } from '../../libraries/prediction-batch/index.ts';
import { invalidLabels } from '../errors.ts';
import { readGiven } from '../proposing/given-files.ts';
import type { Terminal } from '../terminal.ts';
import { labelFrom, type SentLabel } from './label-value.ts';

/** The labels of a file. Throws `FileUnreadable`, or `InvalidLabels` with the line of the first thing wrong: none is sent then. */
export async function readLabelFile(
  file: string,
  format: 'csv' | 'jsonl' | undefined,
  terminal: Terminal,
): Promise<readonly SentLabel[]> {
  const text =
    file === '-' ? await terminal.readInput() : Buffer.from(await readGiven(file, terminal)).toString('utf8');
  const name = file === '-' ? 'standard input' : file;
  const form =
    format ?? (/\.(jsonl|ndjson|json)$/i.test(file) || text.trimStart().startsWith('{') ? 'jsonl' : 'csv');
  return form === 'csv' ? fromCsv(name, text) : fromLines(name, text);
}

function fromLines(name: string, text: string): readonly SentLabel[] {
  const labels: SentLabel[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const where = `${name}:${index + 1}`;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      throw invalidLabels(where, `the line is not JSON: ${messageOf(error)}`);
    }
    labels.push(checked(value as SentLabel, where));
  }
  return labels;
}

function fromCsv(name: string, text: string): readonly SentLabel[] {
  let rows: readonly {
    readonly record: Readonly<Record<string, string>>;
    readonly info: { readonly lines: number };
  }[];
  try {
    rows = parse(text, { bom: true, columns: true, info: true, skip_empty_lines: true, trim: true });
  } catch (error) {
    const line = error instanceof CsvError && typeof error.lines === 'number' ? `:${error.lines}` : '';
    throw invalidLabels(`${name}${line}`, messageOf(error));
  }
  const [first] = rows;
  for (const column of ['id', 'label']) {
    if (first !== undefined && !(column in first.record)) {
      const known = Object.keys(first.record).join(', ');
      throw invalidLabels(`${name}:1`, `there is no column "${column}": there are ${known}`);
    }
  }
  return rows.map(({ record, info }) => {
    const { id = '', label = '', row } = record;
    const place = row === undefined || row === '' ? {} : { row: Number(row) };
    return checked({ id, label: labelFrom(label), ...place }, `${name}:${info.lines}`);
  });
}

function checked(value: SentLabel, where: string): SentLabel {
  const { id, label, row } = typeof value === 'object' && value !== null ? value : ({} as SentLabel);
  if (id === undefined || id === '') throw invalidLabels(where, 'there is no id');
  if (typeof id !== 'string' || !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
    throw invalidLabels(where, 'id is no prediction id');
  }
  if (label === undefined || label === null || label === '') throw invalidLabels(where, 'there is no label');
  const nothing = (Array.isArray(label) ? (label as unknown[]) : [label]).find(saysNothing);
  if (nothing !== undefined)
    throw invalidLabels(
      where,
      `the label ${JSON.stringify(nothing).slice(0, 40)} says nothing: leave the line out`,
    );
  if (row !== undefined && !(Number.isInteger(row) && row >= 0)) {
    throw invalidLabels(where, 'row is no whole number from 0 on');
  }
  return { id, label, ...(row === undefined ? {} : { row }) };
}
