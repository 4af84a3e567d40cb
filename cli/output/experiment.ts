import type { Analysis, Comparison } from '../../libraries/statistics/index.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { table } from './table.ts';

/** An experiment for a person: what was compared how, a line for each arm, and what speaks against it. */
export function experimentTable(analysis: Analysis, terminal: Terminal): string {
  const { bold, dim, yellow } = terminal.colours;
  const { metric, method, difference, alternative, alpha, control, comparisons, sampleRatio } = analysis;
  const isBayesian = method === 'bayesian';
  const tuned = analysis.tuning === undefined ? '' : `, tuning ${analysis.tuning}`;
  const titles = [
    'ARM',
    'MEAN',
    'DIFFERENCE',
    `${percent(1 - alpha).slice(1)} INTERVAL`,
    ...(isBayesian ? ['CHANCE TO WIN', 'RISK'] : comparisons.length > 1 ? ['P', 'HOLM'] : ['P']),
    ...(isBayesian ? [] : ['RESULT']),
  ];
  const unit = difference === 'relative' ? percent : signed;
  const rows = comparisons.map((comparison) => [
    bold(oneLine(comparison.arm)),
    figure(comparison.means.treatment),
    unit(comparison.estimate),
    span(comparison, unit),
    ...(isBayesian
      ? [figure(comparison.chanceToWin ?? 0), unit(comparison.risk?.treatment ?? 0).replace(/^\+/, '')]
      : [...pValues(comparison, comparisons.length), result(comparison, terminal)]),
  ]);
  const first = [oneLine(control), figure(comparisons[0]?.means.control ?? 0)];
  const lines = [
    bold(`${difference} difference of ${metric}s from ${oneLine(control)}`),
    dim(`${method}, ${alternative}, alpha ${alpha}${tuned}`),
    '',
    table(titles, [first, ...rows], { width: terminal.width, header: dim }).trimEnd(),
    ...(sampleRatio === undefined ? [] : [`sample ratio: p ${figure(sampleRatio.pValue)}`]),
    ...analysis.warnings.map((warning) => `${yellow('warning:')} ${oneLine(warning)}`),
  ];
  return `${lines.join('\n')}\n`;
}

function pValues({ pValue, adjustedPValue }: Comparison, several: number): string[] {
  const shown = [figure(pValue ?? 1)];
  if (several > 1) shown.push(figure(adjustedPValue ?? 1));
  return shown;
}

function result({ significant, estimate }: Comparison, { colours }: Terminal): string {
  if (!significant) return colours.dim('no difference shown');
  return estimate > 0 ? 'higher' : 'lower';
}

function span({ interval: { low, high } }: Comparison, unit: (value: number) => string): string {
  if (low === Number.NEGATIVE_INFINITY) return `at most ${unit(high)}`;
  if (high === Number.POSITIVE_INFINITY) return `at least ${unit(low)}`;
  return `${unit(low)} to ${unit(high)}`;
}

function percent(value: number): string {
  return `${signed(value * 100)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? '' : '+'}${figure(value)}`;
}

/** Four digits that count. */
function figure(value: number): string {
  return String(Number(value.toPrecision(4)));
}
