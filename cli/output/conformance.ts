import type { CaseResult, Outcome, Report } from '../conformance/kit.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { wrapped } from './wrapped.ts';

export interface ReportOptions extends Pick<Terminal, 'colours' | 'width'> {
  /** Whether cases that passed are listed, too. */
  readonly all: boolean;
}

const marks: Readonly<Record<Outcome, string>> = { pass: '✔', allowed: '~', fail: '✘', skip: '-' };

/** What came of the cases, for people: what failed in full, the rest by number unless all is asked for. */
export function conformanceReport(report: Report, options: ReportOptions): string {
  const { results, counts, serverName, serverVersion } = report;
  const who = serverName === null ? '' : ` (${oneLine(serverName)} ${oneLine(serverVersion ?? '')})`;
  const shown = options.all
    ? results
    : results.filter(({ outcome }) => outcome === 'fail' || outcome === 'allowed');
  const groups = [...new Set(results.map(({ group }) => group))];
  let text = `${report.server}${who}\n\n`;
  for (const group of groups) {
    const mine = results.filter((result) => result.group === group);
    text += `${options.colours.bold(group.padEnd(10))} ${tally(mine)}\n`;
    for (const result of shown) if (result.group === group) text += lines(result, options);
  }
  const skipped = results.filter(({ outcome }) => outcome === 'skip');
  text += `\n${counts.pass} passed, ${counts.allowed} in a way of its own, ${counts.fail} failed, ${counts.skip} not asked.\n`;
  for (const reason of reasons(skipped)) text += `Not asked: ${reason}\n`;
  return text;
}

function tally(results: readonly CaseResult[]): string {
  const passed = results.filter(({ outcome }) => outcome === 'pass').length;
  return `${passed} of ${results.length}`;
}

function lines(
  { outcome, id, title, detail, source }: CaseResult,
  { colours, width }: ReportOptions,
): string {
  const paint = outcome === 'fail' ? colours.red : outcome === 'pass' ? colours.green : colours.yellow;
  let text = `  ${paint(marks[outcome])} ${id}\n`;
  if (outcome === 'pass') return text;
  const room = Math.min(width, 110) - 4;
  for (const line of wrapped(title, room)) text += `    ${line}\n`;
  if (detail !== undefined) for (const line of wrapped(oneLine(detail), room)) text += `    ${line}\n`;
  if (outcome === 'fail') text += `    ${colours.dim(source)}\n`;
  return text;
}

const noModel = /no model "([^"]*)"/;
const mostNames = 3;

/** Why cases were not asked; the models that are not there are one reason. */
function reasons(skipped: readonly CaseResult[]): ReadonlySet<string> {
  const missing = [...new Set(skipped.flatMap(({ detail }) => noModel.exec(detail ?? '')?.[1] ?? []))];
  const more = missing.length > mostNames ? ` and ${missing.length - mostNames} more` : '';
  const names = `no model ${missing.slice(0, mostNames).join(', ')}${more}`;
  return new Set(skipped.map(({ detail = '' }) => detail.replace(noModel, () => names)));
}
