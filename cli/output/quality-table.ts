import type { QualityFinding, QualityStatus } from '../../libraries/profile/quality/index.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { table } from './table.ts';

/** Findings about data for a person: what is broken first, and what holds counted. */
export function qualityTable(
  findings: readonly QualityFinding[],
  about: { readonly file: string; readonly dataset: string; readonly rows: number },
  terminal: Terminal,
): string {
  const { bold, dim, red, yellow, green } = terminal.colours;
  const colour = { fail: red, warn: yellow, unknown: yellow, pass: green };
  const shown = (['fail', 'warn', 'unknown'] as const).flatMap((status) =>
    findings.filter((finding) => finding.status === status),
  );
  const lines = shown.map(({ column, rule, expected, found, status }) => [
    colour[status](status),
    bold(oneLine(column ?? '(all rows)')),
    rule,
    oneLine(expected),
    oneLine(found),
  ]);
  const count = (status: QualityStatus) => findings.filter((finding) => finding.status === status).length;
  const rows = `${about.rows.toLocaleString('en-US')} ${about.rows === 1 ? 'row' : 'rows'}`;
  const parts = (['pass', 'fail', 'warn', 'unknown'] as const).flatMap((status) =>
    count(status) > 0 ? [`${count(status)} ${status}`] : [],
  );
  return [
    bold(`${oneLine(about.file)}: ${rows}, held against ${about.dataset}`),
    ...(lines.length === 0
      ? []
      : [
          '',
          table(['', 'COLUMN', 'RULE', 'EXPECTED', 'FOUND'], lines, { width: terminal.width, header: dim }),
        ]),
    `${lines.length === 0 ? '\n' : ''}${count('fail') > 0 ? red('✘') : green('✔')} ${parts.join(', ')}`,
  ].join('\n');
}
