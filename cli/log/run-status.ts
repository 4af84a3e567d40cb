import type { BucketStatus, SinkStatus } from '../../core/capabilities/prediction-sink.ts';
import { connect } from '../client/api.ts';
import { exitCodes } from '../exit-codes.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';

export interface LogStatusOptions {
  readonly output?: StructuredFormat;
  readonly api?: string;
}

/** Shows what the log holds. */
export async function runLogStatus(options: LogStatusOptions, terminal: Terminal): Promise<number> {
  const api = await connect(options, terminal);
  const status = await api.get<SinkStatus>('/plugins/prediction-log/status');
  terminal.out(options.output === undefined ? forPeople(status) : structured(status, options.output));
  return status.trouble === undefined && status.bucket?.trouble === undefined
    ? exitCodes.success
    : exitCodes.problems;
}

function forPeople({
  predictions,
  labels,
  files,
  bytes,
  waiting,
  counts,
  trouble,
  bucket,
}: SinkStatus): string {
  const lines = [
    `${count(predictions)} rows of predictions and ${count(labels)} labels, in ${count(files)} files of ${mebibytes(bytes)}`,
    ...(waiting === 0 ? [] : [`${count(waiting)} batches wait to be taken in`]),
    ...(trouble === undefined ? [] : [`cannot be written: ${oneLine(trouble)}`]),
    ...(bucket === undefined ? [] : ofBucket(bucket)),
    ...[
      [counts.lost, 'predictions at least were lost with the process that had taken them'],
      [counts.discarded, 'predictions were let go of because too many waited'],
      [counts.unreadable, 'files could not be read and lie aside'],
      [counts.unknownLabels, 'labels were of predictions that are not kept'],
      [counts.lateLabels, 'labels came too late'],
    ].flatMap(([many, what]) => (many === 0 ? [] : [`${count(Number(many))} ${what}`])),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function ofBucket({
  address,
  objects,
  bytes,
  waiting,
  waitingBytes,
  counts,
  trouble,
}: BucketStatus): string[] {
  return [
    `${count(objects)} of the files are in ${oneLine(address)}: ${mebibytes(bytes)}`,
    ...(waiting === 0
      ? []
      : [
          `${count(waiting)} files of ${mebibytes(waitingBytes)} are on this machine alone, until the bucket has them`,
        ]),
    ...(trouble === undefined ? [] : [`the bucket cannot be used: ${oneLine(trouble)}`]),
    ...(counts.missing === 0
      ? []
      : [`${count(counts.missing)} objects are lost: they should have been in the bucket`]),
  ];
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function mebibytes(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MiB`;
}
