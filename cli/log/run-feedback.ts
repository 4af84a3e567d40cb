import type { LabelsTaken } from '../../core/capabilities/prediction-sink.ts';
import { connect } from '../client/api.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { readLabelFile } from './label-file.ts';
import { labelFrom, type SentLabel } from './label-value.ts';

export interface FeedbackOptions {
  readonly file?: string;
  readonly format?: 'csv' | 'jsonl';
  readonly output?: StructuredFormat;
  readonly api?: string;
}

/** So many go into one request: a body has at most 1 MiB. */
const atOnce = 4_000;
const mostCharacters = 900_000;

/** Tells the log what turned out to be true. */
export async function runFeedback(
  id: string | undefined,
  label: string | undefined,
  options: FeedbackOptions,
  terminal: Terminal,
): Promise<number> {
  const labels = await labelsMeant(id, label, options, terminal);
  const api = await connect({ ...options, timeout: 120_000 }, terminal);
  const sum = { taken: 0, duplicates: 0, unknown: 0, late: 0, refused: [] as string[] };
  for (const part of partsOf(labels)) {
    const taken = await api.post<LabelsTaken>('/plugins/prediction-log/feedback', { labels: part });
    for (const name of ['taken', 'duplicates', 'unknown', 'late'] as const) sum[name] += taken[name];
    sum.refused.push(...taken.refused);
  }
  terminal.out(options.output === undefined ? forPeople(sum) : structured(sum, options.output));
  return sum.unknown + sum.late === 0 ? exitCodes.success : exitCodes.problems;
}

async function labelsMeant(
  id: string | undefined,
  label: string | undefined,
  { file, format }: FeedbackOptions,
  terminal: Terminal,
): Promise<readonly SentLabel[]> {
  if (file !== undefined) {
    if (id !== undefined) throw usageError('both a prediction and a file are given', 'Give one of them.');
    return readLabelFile(file, format, terminal);
  }
  if (id === undefined || label === undefined) {
    throw usageError('nothing is said of any prediction', 'Write an id and its label, or --file FILE.');
  }
  return [{ id, label: labelFrom(label) }];
}

function* partsOf(labels: readonly SentLabel[]): Generator<readonly SentLabel[]> {
  let part: SentLabel[] = [];
  let characters = 0;
  for (const label of labels) {
    const length = JSON.stringify(label).length + 1;
    if (part.length > 0 && (part.length === atOnce || characters + length > mostCharacters)) {
      yield part;
      part = [];
      characters = 0;
    }
    part.push(label);
    characters += length;
  }
  if (part.length > 0) yield part;
}

function forPeople({ taken, duplicates, unknown, late, refused }: LabelsTaken): string {
  const count = (many: number) => (many === 1 ? '1 label' : `${many} labels`);
  const lines = [
    `${count(taken)} kept`,
    ...(duplicates === 0 ? [] : [`${count(duplicates)} known already`]),
    ...(unknown === 0 ? [] : [`${count(unknown)} of predictions that the log does not have`]),
    ...(late === 0 ? [] : [`${count(late)} later than their deployment takes them`]),
    ...(refused.length === 0 ? [] : [`among them: ${refused.slice(0, 5).map(oneLine).join(', ')}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
