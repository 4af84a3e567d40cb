import type { Erasure } from '../../core/capabilities/prediction-sink.ts';
import { connect } from '../client/api.ts';
import { exitCodes } from '../exit-codes.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { userName } from '../user-name.ts';

export interface EraseOptions {
  readonly reason?: string;
  readonly output?: StructuredFormat;
  readonly api?: string;
}

/** Erases a subject, and prints the proof. */
export async function runErase(subject: string, options: EraseOptions, terminal: Terminal): Promise<number> {
  const { reason, output } = options;
  const api = await connect({ ...options, timeout: 600_000 }, terminal);
  const by = await userName(terminal);
  const body = { subject, by, ...(reason === undefined ? {} : { reason }) };
  const erasure = await api.post<Erasure>('/plugins/prediction-log/erase', body);
  terminal.out(output === undefined ? forPeople(erasure) : structured(erasure, output));
  return erasure.remaining === 0 && erasure.unread.length === 0 ? exitCodes.success : exitCodes.problems;
}

function forPeople({ predictions, labels, files, remaining, unread, pseudonym }: Erasure): string {
  const lines = [
    `erased ${predictions} rows of predictions and ${labels} labels of ${oneLine(pseudonym)}`,
    ...files.map(({ file, erased, rows, before, after }) => {
      const now = after === null ? 'gone, nothing was left' : after;
      return `  ${oneLine(file)}: ${erased} of ${rows} rows\n    ${before}\n    → ${now}`;
    }),
    `looked through again: ${remaining} rows are left`,
    ...unread.map((name) => `not looked into, since it cannot be read: ${oneLine(name)}`),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
