import { stringify } from 'yaml';
import type { ModelProfile } from '../profile/model-profile.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { table } from './table.ts';

/** What a model costs, for a person: a line for each size of a run, and what to write into the Deployment. */
export function modelProfileReport(
  { model, batchable, loadMs, memoryBytes, measurements, recommended }: ModelProfile,
  machine: { readonly processors: number; readonly model: string },
  terminal: Terminal,
): string {
  const { bold, dim } = terminal.colours;
  const { maxBatchSize, intraOpThreads, placement } = recommended;
  const rows = measurements.map(({ threads, rows, p50, p95, p99, rowsPerSecond }) => {
    const isBest = threads === intraOpThreads && (rows ?? 1) === maxBatchSize;
    return [
      String(threads),
      rows === undefined ? 'a request' : String(rows),
      ...[p50, p95, p99].map(milliseconds),
      Math.round(rowsPerSecond).toLocaleString('en-US'),
      isBest ? 'recommended' : '',
    ];
  });
  const titles = ['THREADS', 'ROWS', 'P50 MS', 'P95 MS', 'P99 MS', batchable ? 'ROWS/S' : 'REQUESTS/S', ''];
  const shares = batchable ? '' : ', requests cannot share a run';
  return [
    bold(oneLine(model)),
    dim(
      `loads in ${Math.round(loadMs)} ms, takes ${Math.ceil(memoryBytes / 1024 ** 2)} MiB of memory${shares}; ` +
        `${machine.processors} x ${oneLine(machine.model)}`,
    ),
    '',
    table(titles, rows, { width: terminal.width, header: dim }),
    bold('For the Deployment, on a machine like this one:'),
    '',
    stringify({
      spec: {
        batching: { maxBatchSize },
        runtime: { placement, ...(intraOpThreads === 1 ? {} : { intraOpThreads }) },
      },
    }),
  ].join('\n');
}

function milliseconds(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
