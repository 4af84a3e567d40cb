import type { CaseResult, Outcome, Report } from '../conformance/kit.ts';
import type { Leeway } from '../conformance/leeways.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { wrapped } from './wrapped.ts';

export interface ReportOptions extends Pick<Terminal, 'colours' | 'width'> {
  /** Whether cases that passed are listed, too. */
  readonly all: boolean;
  /** Whether all cases had to be asked. */
  readonly requireAll: boolean;
}

const marks: Readonly<Record<Outcome, string>> = { pass: '✔', allowed: '~', fail: '✘', skip: '-' };

const rooms: Readonly<Record<Leeway['room'], string>> = {
  ambiguous: 'The specification is ambiguous here',
  permitted: 'The specification permits it',
  unsaid: 'The specification does not say',
};

/** What came of the cases, for people: what failed or is allowed in full, the rest by number unless all is asked for. */
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
    text += listed(
      shown.filter((result) => result.group === group),
      options,
    );
  }
  const skipped = results.filter(({ outcome }) => outcome === 'skip');
  text += `\n${counts.pass} passed, ${counts.allowed} in a way of its own, ${counts.fail} failed, ${counts.skip} not asked.\n`;
  const ambiguous = results.filter(({ leeway }) => leeway?.room === 'ambiguous').length;
  if (ambiguous > 0) text += `Where the specification is ambiguous: ${ambiguous} of ${counts.allowed}.\n`;
  for (const [reason, count] of reasons(skipped)) text += `Not asked, ${count}: ${reason}\n`;
  if (counts.skip === results.length) text += 'No case was asked: this says nothing of the server.\n';
  else if (counts.skip > 0 && options.requireAll)
    text += 'Cases were not asked, and --require-all is given.\n';
  return text;
}

function tally(results: readonly CaseResult[]): string {
  const passed = results.filter(({ outcome }) => outcome === 'pass').length;
  return `${passed} of ${results.length}`;
}

/** One after the other; what leaves room for several in a row is told once, below them. */
function listed(results: readonly CaseResult[], options: ReportOptions): string {
  let text = '';
  let count = 0;
  for (const [index, result] of results.entries()) {
    text += lines(result, options);
    const { leeway, source } = result;
    if (leeway === undefined) continue;
    count++;
    const next = results[index + 1];
    if (next?.leeway?.reason === leeway.reason && next.source === source) continue;
    text += roomFor(count, leeway, source, options);
    count = 0;
  }
  return text;
}

function roomFor(
  count: number,
  { room, reason, source: elsewhere }: Leeway,
  source: string,
  { colours, width }: ReportOptions,
): string {
  const these = count > 1 ? `, for these ${count}` : '';
  let text = '';
  for (const line of wrapped(`${rooms[room]}${these}: ${reason}.`, columns(width)))
    text += `    ${colours.dim(line)}\n`;
  return `${text}    ${colours.dim(elsewhere ?? source)}\n`;
}

const columns = (width: number): number => Math.min(width, 110) - 4;

function lines(
  { outcome, id, title, detail, source }: CaseResult,
  { colours, width }: ReportOptions,
): string {
  const paint = outcome === 'fail' ? colours.red : outcome === 'pass' ? colours.green : colours.yellow;
  let text = `  ${paint(marks[outcome])} ${id}\n`;
  if (outcome === 'pass') return text;
  const room = columns(width);
  for (const line of wrapped(title, room)) text += `    ${line}\n`;
  if (detail !== undefined) for (const line of wrapped(oneLine(detail), room)) text += `    ${line}\n`;
  if (outcome === 'fail') text += `    ${colours.dim(source)}\n`;
  return text;
}

const noModel = /no model "([^"]*)"/;
const mostNames = 3;

/** Why cases were not asked, and how many; the models that are not there are one reason. */
function reasons(skipped: readonly CaseResult[]): ReadonlyMap<string, number> {
  const missing = [...new Set(skipped.flatMap(({ detail }) => noModel.exec(detail ?? '')?.[1] ?? []))];
  const more = missing.length > mostNames ? ` and ${missing.length - mostNames} more` : '';
  const names = `no model ${missing.slice(0, mostNames).join(', ')}${more}`;
  const counts = new Map<string, number>();
  for (const { detail = '' } of skipped) {
    const reason = detail.replace(noModel, () => names);
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  }
  return counts;
}
