import type { ColumnDrift, DriftReport, SliceDrift } from '../../libraries/statistics/drift/index.ts';
import type { MultivariateDrift } from '../../libraries/statistics/multivariate/index.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { figure, percent } from './figures.ts';
import { multivariateTable } from './multivariate-table.ts';
import { sliceTable } from './slice-table.ts';
import { table } from './table.ts';

/** What was compared beside column by column. */
export interface BesideColumns {
  readonly slices?: readonly SliceDrift[] | undefined;
  readonly multivariate?: readonly MultivariateDrift[] | undefined;
}

/** Two compared samples for a person: a line a column, what has drifted first, and what to know about it. */
export function driftTable(
  { columns, dataset }: DriftReport,
  about: { readonly reference: string; readonly current: string },
  terminal: Terminal,
  { slices = [], multivariate = [] }: BesideColumns = {},
): string {
  const { bold, dim, red, green } = terminal.colours;
  const { drifted, compared, share, threshold, alpha, correction, driftDetected } = dataset;
  const summary = `${drifted} of ${compared} compared columns drifted (${percent(share)}; a dataset from ${percent(threshold)} on)`;
  const lines = [
    bold(`${oneLine(about.current)} against ${oneLine(about.reference)}`),
    dim(
      `${dataset.rows.current} and ${dataset.rows.reference} rows, alpha ${alpha}, ${correction === 'none' ? 'not corrected' : correction}`,
    ),
    '',
    driftRows(columns, terminal).trimEnd(),
    ...(slices.length === 0 ? [] : ['', sliceTable(slices, terminal).trimEnd()]),
    ...(multivariate.length === 0 ? [] : ['', multivariateTable(multivariate, terminal).trimEnd()]),
    '',
    driftDetected ? red(`Drift: ${summary}.`) : green(`No drift of the dataset: ${summary}.`),
  ];
  return `${lines.join('\n')}\n`;
}

/** A line a column. */
export function driftRows(
  columns: readonly ColumnDrift[],
  terminal: Pick<Terminal, 'colours' | 'width'>,
): string {
  const { bold, dim } = terminal.colours;
  const rows = inOrder(columns).map((column) => [
    bold(oneLine(column.column)) + (column.role === 'input' ? '' : dim(` (${column.role})`)),
    column.test ?? '',
    figure(column.effect),
    figure(column.threshold),
    figure(column.adjustedPValue),
    verdict(column, terminal),
    dim(remarks(column).join('; ')),
  ]);
  const titles = ['COLUMN', 'TEST', 'EFFECT', 'LIMIT', 'P', 'RESULT', 'REMARKS'];
  return table(titles, rows, { width: terminal.width, header: dim });
}

/** Drifted ones first, the largest effect over its threshold at the top; then the compared; then the others. */
export function inOrder(columns: readonly ColumnDrift[]): readonly ColumnDrift[] {
  const rank = ({ drifted }: ColumnDrift) => (drifted === true ? 0 : drifted === false ? 1 : 2);
  const size = ({ effect, threshold }: ColumnDrift) => (effect ?? 0) / (threshold || 1);
  return [...columns].sort((one, other) => rank(one) - rank(other) || size(other) - size(one));
}

/** What to know about a column, beside its figures. */
export function remarks(column: ColumnDrift): readonly string[] {
  const { missing, newCategories, vanishedCategories, infinite, unreadable, reason, limits } = column;
  const names = (seen: ColumnDrift['newCategories']) => {
    // A monitor tells how many are new, and not which.
    if (seen.names.length === 0) return '';
    const more = seen.count > 3 ? ', …' : '';
    return ` (${seen.names.slice(0, 3).map(oneLine).join(', ')}${more})`;
  };
  return [
    ...(reason === undefined ? [] : [oneLine(reason)]),
    ...(missing.drifted ? [`missing ${percent(missing.reference)} → ${percent(missing.current)}`] : []),
    ...(newCategories.count > 0 ? [`${newCategories.count} new${names(newCategories)}`] : []),
    ...(vanishedCategories.count > 0
      ? [`${vanishedCategories.count} vanished${names(vanishedCategories)}`]
      : []),
    ...(infinite.reference + infinite.current > 0
      ? [`infinite: ${infinite.reference} → ${infinite.current}`]
      : []),
    ...(unreadable.current > 0 ? [`no number: ${unreadable.current}`] : []),
    ...limits,
  ];
}

function verdict({ drifted, status }: ColumnDrift, { colours }: Pick<Terminal, 'colours'>): string {
  if (drifted === null) return colours.yellow(status);
  return drifted ? colours.red('drifted') : colours.dim('no drift');
}
