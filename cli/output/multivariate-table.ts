import type { MultivariateDrift } from '../../libraries/statistics/multivariate/index.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { figure, percent } from './figures.ts';
import { table } from './table.ts';

/** What became of all columns together, a line a method. */
export function multivariateTable(
  found: readonly MultivariateDrift[],
  terminal: Pick<Terminal, 'colours' | 'width'>,
): string {
  const { bold, dim, red, yellow } = terminal.colours;
  const rows = found.map((one) => [
    bold(one.method),
    figure(one.statistic),
    figure(one.effect),
    figure(one.threshold),
    figure(one.pValue),
    one.drifted === null ? yellow(one.status) : one.drifted ? red('drifted') : dim('no drift'),
    dim(multivariateRemarks(one).join('; ')),
  ]);
  const titles = ['TOGETHER', 'STATISTIC', 'EFFECT', 'LIMIT', 'P', 'RESULT', 'REMARKS'];
  return table(titles, rows, { width: terminal.width, header: dim });
}

export function multivariateRemarks(found: MultivariateDrift): readonly string[] {
  const { columns = [], reason, limits, drifted } = found;
  const telling = columns
    .filter(({ share }) => drifted === true && share >= 0.05)
    .slice(0, 4)
    .map(({ column, share }) => `${oneLine(column)} ${percent(share)}`);
  return [
    ...(reason === undefined ? [] : [oneLine(reason)]),
    ...(telling.length > 0 ? [`told apart by ${telling.join(', ')}`] : []),
    ...limits,
  ];
}
