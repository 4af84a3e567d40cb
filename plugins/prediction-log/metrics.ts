import type { BucketStatus, SinkStatus } from '../../core/capabilities/prediction-sink.ts';

type Sample = readonly [name: string, type: 'gauge' | 'counter', help: string, value: number];

/** What the log holds and counts, as Prometheus text exposition. */
export function logExposition(
  status: SinkStatus,
  { isUp, starts }: { readonly isUp: boolean; readonly starts: number },
): string {
  const { counts } = status;
  const samples: Sample[] = [
    [
      'up',
      'gauge',
      'Whether the process that keeps the log answers; else all of this is what it said last.',
      isUp ? 1 : 0,
    ],
    ['rows', 'gauge', 'Rows of predictions that are kept.', status.predictions],
    ['labels', 'gauge', 'Labels that are kept.', status.labels],
    ['files', 'gauge', 'Files of the log.', status.files],
    ['bytes', 'gauge', 'Bytes of those files.', status.bytes],
    ['waiting_batches', 'gauge', 'Batches that wait to be taken in.', status.waiting],
    ['writable', 'gauge', 'Whether the log can be written.', status.trouble === undefined ? 1 : 0],
    ['lost_total', 'counter', 'Predictions that ended with their process: at least so many.', counts.lost],
    ['discarded_total', 'counter', 'Predictions let go of because too many waited.', counts.discarded],
    ['unreadable_files_total', 'counter', 'Files that were put aside.', counts.unreadable],
    ['unknown_labels_total', 'counter', 'Labels of predictions that are not kept.', counts.unknownLabels],
    ['late_labels_total', 'counter', 'Labels that came too late.', counts.lateLabels],
    ['process_starts_total', 'counter', 'Starts of the process that keeps the log.', starts],
  ];
  if (status.bucket !== undefined) samples.push(...bucketSamples(status.bucket));
  return samples
    .map(([name, type, help, value]) => {
      const full = `switchyard_prediction_log_${name}`;
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${value}\n`;
    })
    .join('');
}

function bucketSamples({
  objects,
  bytes,
  waiting,
  waitingBytes,
  localBytes,
  counts,
  trouble,
}: BucketStatus): Sample[] {
  return [
    [
      'bucket_up',
      'gauge',
      'Whether the bucket could be used when it was tried last.',
      trouble === undefined ? 1 : 0,
    ],
    ['bucket_objects', 'gauge', 'Objects in the bucket.', objects],
    ['bucket_bytes', 'gauge', 'Bytes of those objects.', bytes],
    ['bucket_waiting_files', 'gauge', 'Files that are on this machine alone.', waiting],
    ['bucket_waiting_bytes', 'gauge', 'Bytes of those files.', waitingBytes],
    ['local_bytes', 'gauge', 'Bytes of files on this machine.', localBytes],
    ['bucket_uploaded_files_total', 'counter', 'Files that were put into the bucket.', counts.uploaded],
    ['bucket_fetched_files_total', 'counter', 'Files that were fetched from the bucket.', counts.fetched],
    ['bucket_failures_total', 'counter', 'Requests to the bucket that failed.', counts.failed],
    ['bucket_missing_files_total', 'counter', 'Objects that should have been there.', counts.missing],
  ];
}
