import type { BucketStatus, SinkStatus } from '../../core/capabilities/prediction-sink.ts';
import { formatByteSize } from '../../libraries/byte-size/index.ts';
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

function forPeople(status: SinkStatus): string {
  const { predictions, labels, files, bytes, waiting, counts, trouble, bucket } = status;
  const lines = [
    `${many(predictions, 'row')} of predictions and ${many(labels, 'label')}, in ${many(files, 'file')} of ${formatByteSize(bytes)}`,
    waiting > 0 && `${many(waiting, 'batch', 'batches')} to be taken in`,
    trouble !== undefined && `cannot be written: ${oneLine(trouble)}`,
    ...(bucket === undefined ? [] : ofBucket(bucket)),
    counts.lost > 0 &&
      `at least ${many(counts.lost, 'prediction')} lost with the process that had taken them`,
    counts.discarded > 0 && `${many(counts.discarded, 'prediction')} let go of because too many waited`,
    counts.unreadable > 0 && `${many(counts.unreadable, 'file')} put aside, since nobody can read them`,
    counts.unknownLabels > 0 && `${many(counts.unknownLabels, 'label')} of predictions that are not kept`,
    counts.lateLabels > 0 && `${many(counts.lateLabels, 'label')} came too late`,
  ];
  return lines.map((line) => (line === false ? '' : `${line}\n`)).join('');
}

function ofBucket(bucket: BucketStatus): readonly (string | false)[] {
  const { address, objects, bytes, waiting, waitingBytes, counts, trouble } = bucket;
  return [
    `in the bucket ${oneLine(address)}: ${many(objects, 'file')} of ${formatByteSize(bytes)}`,
    waiting > 0 &&
      `on this machine alone, until the bucket has them: ${many(waiting, 'file')} of ${formatByteSize(waitingBytes)}`,
    trouble !== undefined && `the bucket cannot be used: ${oneLine(trouble)}`,
    counts.missing > 0 && `${many(counts.missing, 'file')} lost: the bucket no longer has them`,
  ];
}

function many(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`;
}
