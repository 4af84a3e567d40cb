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
      'switchyard_prediction_log_up',
      'gauge',
      'Whether the process that keeps the log answers; else all of this is what it said last.',
      isUp ? 1 : 0,
    ],
    ['switchyard_prediction_log_rows', 'gauge', 'Rows of predictions that are kept.', status.predictions],
    ['switchyard_prediction_log_labels', 'gauge', 'Labels that are kept.', status.labels],
    ['switchyard_prediction_log_files', 'gauge', 'Files of the log.', status.files],
    ['switchyard_prediction_log_bytes', 'gauge', 'Bytes of those files.', status.bytes],
    [
      'switchyard_prediction_log_waiting_batches',
      'gauge',
      'Batches that wait to be taken in.',
      status.waiting,
    ],
    [
      'switchyard_prediction_log_writable',
      'gauge',
      'Whether the log can be written.',
      status.trouble === undefined ? 1 : 0,
    ],
    [
      'switchyard_prediction_log_lost_total',
      'counter',
      'Predictions that ended with their process: at least so many.',
      counts.lost,
    ],
    [
      'switchyard_prediction_log_discarded_total',
      'counter',
      'Predictions let go of because too many waited.',
      counts.discarded,
    ],
    [
      'switchyard_prediction_log_unreadable_files_total',
      'counter',
      'Files that were put aside.',
      counts.unreadable,
    ],
    [
      'switchyard_prediction_log_unknown_labels_total',
      'counter',
      'Labels of predictions that are not kept.',
      counts.unknownLabels,
    ],
    [
      'switchyard_prediction_log_late_labels_total',
      'counter',
      'Labels that came too late.',
      counts.lateLabels,
    ],
    [
      'switchyard_prediction_log_process_starts_total',
      'counter',
      'Starts of the process that keeps the log.',
      starts,
    ],
  ];
  if (status.bucket !== undefined) samples.push(...bucketSamples(status.bucket));
  return samples
    .map(([name, type, help, value]) => `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${name} ${value}\n`)
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
      'switchyard_prediction_log_bucket_up',
      'gauge',
      'Whether the bucket could be used when it was tried last.',
      trouble === undefined ? 1 : 0,
    ],
    ['switchyard_prediction_log_bucket_objects', 'gauge', 'Objects in the bucket.', objects],
    ['switchyard_prediction_log_bucket_bytes', 'gauge', 'Bytes of those objects.', bytes],
    [
      'switchyard_prediction_log_bucket_waiting_files',
      'gauge',
      'Files that are on this machine alone.',
      waiting,
    ],
    ['switchyard_prediction_log_bucket_waiting_bytes', 'gauge', 'Bytes of those files.', waitingBytes],
    ['switchyard_prediction_log_local_bytes', 'gauge', 'Bytes of files on this machine.', localBytes],
    [
      'switchyard_prediction_log_bucket_uploaded_files_total',
      'counter',
      'Files that were put into the bucket.',
      counts.uploaded,
    ],
    [
      'switchyard_prediction_log_bucket_fetched_files_total',
      'counter',
      'Files that were fetched from the bucket.',
      counts.fetched,
    ],
    [
      'switchyard_prediction_log_bucket_failures_total',
      'counter',
      'Requests to the bucket that failed.',
      counts.failed,
    ],
    [
      'switchyard_prediction_log_bucket_missing_files_total',
      'counter',
      'Objects that should have been there.',
      counts.missing,
    ],
  ];
}
