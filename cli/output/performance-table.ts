import {
  type ConfidenceEstimate,
  type Measured,
  type MetricName,
  metricsOf,
  type Task,
} from '../../libraries/statistics/performance/index.ts';
import type { PerformanceReport } from '../performance/performance-report.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { figure } from './figures.ts';
import { table } from './table.ts';

/** What predictions are worth, for a person: a line a figure, what the probabilities meant, a line a slice. */
export function performanceTable(
  report: PerformanceReport,
  asked: readonly MetricName[] | undefined,
  terminal: Terminal,
): string {
  const { bold, dim, yellow } = terminal.colours;
  const { file, label, prediction, task, positive, threshold, rows, bootstrap } = report;
  const { measured, estimated } = report;
  const how = [
    task === 'binary' ? `positive ${oneLine(positive ?? '')}` : task,
    ...(threshold === null ? [] : [`threshold ${threshold}`]),
    counted(rows),
    bootstrap.replicates === 0
      ? 'no intervals'
      : `${100 * bootstrap.level} % intervals, ${bootstrap.replicates} samples, seed ${bootstrap.seed}`,
  ];
  const width = { width: terminal.width, header: dim };
  const lines = [
    bold(`${oneLine(file)}: ${oneLine(label)} as predicted by ${oneLine(prediction)}`),
    dim(how.join(', ')),
    '',
    table(['METRIC', ...titles(report), 'REMARKS'], metricRows(report, dim), width).trimEnd(),
  ];
  if (estimated !== null) lines.push('', ...aboutEstimate(estimated, dim));
  if (measured?.reliability !== undefined && measured.reliability.length > 0 && asked === undefined) {
    const bins = measured.reliability.map((bin) => [
      `${figure(bin.from)} to ${figure(bin.to)}`,
      String(bin.n),
      figure(bin.meanProbability),
      figure(bin.positive),
      span(bin),
    ]);
    lines.push(
      '',
      table(['PROBABILITY', 'ROWS', 'PREDICTED', 'POSITIVE', 'INTERVAL'], bins, width).trimEnd(),
    );
  }
  for (const column of new Set(report.slices.map((slice) => slice.column)))
    lines.push('', sliceTable(report, column, asked, terminal).trimEnd());
  const notes = [...(measured?.notes ?? []), ...(estimated?.notes ?? [])];
  if (notes.length > 0) lines.push('', ...notes.map((note) => `${yellow('note:')} ${oneLine(note)}`));
  return `${lines.join('\n')}\n`;
}

function counted({ total, withoutLabel, withoutPrediction }: PerformanceReport['rows']): string {
  const without = [
    ...(withoutLabel > 0 ? [`${withoutLabel} without a label`] : []),
    ...(withoutPrediction > 0 ? [`${withoutPrediction} without a prediction`] : []),
  ];
  return `${total} rows${without.length > 0 ? ` (${without.join(', ')})` : ''}`;
}

function titles({ measured, estimated }: PerformanceReport): string[] {
  return [
    ...(measured === null ? [] : ['VALUE', 'INTERVAL']),
    ...(estimated === null ? [] : ['ESTIMATE', 'INTERVAL']),
  ];
}

function metricRows(
  { task, measured, estimated }: PerformanceReport,
  dim: (text: string) => string,
): string[][] {
  const names = (measured ?? estimated)?.metrics.map(({ metric }) => metric) ?? [];
  return names.map((name) => {
    const found = measured?.metrics.find(({ metric }) => metric === name);
    const guess = estimated?.metrics.find(({ metric }) => metric === name);
    return [
      titleOf(task, name),
      ...(measured === null ? [] : [figure(found?.value ?? null), span(found)]),
      ...(estimated === null ? [] : [figure(guess?.value ?? null), span(guess)]),
      dim(oneLine(found?.reason ?? guess?.reason ?? '')),
    ];
  });
}

function aboutEstimate(
  { reference, referenceRows, calibrated, calibrationError }: NonNullable<PerformanceReport['estimated']>,
  dim: (text: string) => string,
): string[] {
  const errors =
    calibrationError === null
      ? ''
      : ` (calibration error held out ${figure(calibrationError.before)} as they are, ${figure(calibrationError.after)} calibrated)`;
  return [
    dim(
      `estimated from ${referenceRows} labelled rows of ${oneLine(reference)}, probabilities ${calibrated ? 'calibrated on them' : 'as they are'}${errors};`,
    ),
    dim('it holds while a probability means what it meant there: concept drift shows only in labels'),
  ];
}

/** What is shown of each slice where no metrics were named. */
const headline: Readonly<Record<Task, readonly MetricName[]>> = {
  binary: ['accuracy', 'f1', 'auc'],
  multiclass: ['accuracy', 'f1-macro'],
  regression: ['mae', 'rmse', 'r2'],
};

function sliceTable(
  { task, slices }: PerformanceReport,
  column: string,
  asked: readonly MetricName[] | undefined,
  { width, colours }: Terminal,
): string {
  const chosen = (asked ?? headline[task]).slice(0, 3);
  const rows = slices
    .filter((slice) => slice.column === column)
    .map(({ slice, measured, estimated }) => {
      const shown: Measured | ConfidenceEstimate | null = measured ?? estimated;
      return [
        oneLine(slice),
        String(shown?.n ?? 0),
        ...chosen.map((name) => {
          const found = shown?.metrics.find(({ metric }) => metric === name);
          if (found === undefined || found.value === null) return colours.dim('none');
          const mark = measured === null ? '~' : '';
          return `${mark}${figure(found.value)}${found.low === null ? '' : ` (${span(found)})`}`;
        }),
      ];
    });
  const heads = chosen.map((name) => titleOf(task, name).toUpperCase());
  return table([column.toUpperCase(), 'ROWS', ...heads], rows, { width, header: colours.dim });
}

function titleOf(task: Task, name: MetricName): string {
  const metrics: Readonly<Record<string, { readonly title: string }>> = metricsOf[task];
  return metrics[name]?.title ?? name;
}

function span(found: { readonly low: number | null; readonly high: number | null } | undefined): string {
  if (found === undefined || found.low === null || found.high === null) return '';
  return `${figure(found.low)} to ${figure(found.high)}`;
}
