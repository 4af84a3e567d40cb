import type { SinkStatus } from '../../core/capabilities/prediction-sink.ts';

/** What the log holds and counts, as Prometheus text exposition. */
export function logExposition(
  status: SinkStatus,
  { isUp, starts }: { readonly isUp: boolean; readonly starts: number },
): string {
  const { counts } = status;
  const samples: readonly (readonly [string, 'gauge' | 'counter', string, number])[] = [
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
  return samples
    .map(([name, type, help, value]) => {
      const full = `switchyard_prediction_log_${name}`;
      return `# HELP ${full} ${help}\n# TYPE ${full} ${type}\n${full} ${value}\n`;
    })
    .join('');
}
