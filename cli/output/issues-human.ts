import type { Issue } from '../../core/manifest/issue.ts';
import { type Colours, printable } from '../terminal.ts';

/** The line of a file (counted from 1), where it can be read. */
export type LineReader = (path: string, line: number) => Promise<string | undefined>;

/** Issues for a person: where, what, the line itself with a mark under the place, and what to do. */
export async function issuesForPeople(
  issues: readonly Issue[],
  readLine: LineReader,
  colours: Colours,
): Promise<string> {
  const blocks: string[] = [];
  for (const issue of issues) blocks.push(await block(issue, readLine, colours));
  return blocks.join('\n');
}

async function block(issue: Issue, readLine: LineReader, colours: Colours): Promise<string> {
  const { bold, dim, red, yellow, cyan } = colours;
  const severity = issue.severity === 'error' ? red('error') : yellow('warning');
  const lines = [
    `${bold(`${printable(issue.path)}:${issue.line}:${issue.column}`)}  ${severity}  ${dim(issue.code)}`,
    `  ${printable(issue.message)}`,
  ];
  const source = await readLine(issue.path, issue.line);
  if (source !== undefined && source.trim() !== '') {
    if (hidden.includes(issue.code) || looksSecret(source)) lines.push(`  ${dim('(the line is not shown)')}`);
    else lines.push(...quote(issue, source, colours));
  }
  if (issue.hint) lines.push(`  ${cyan('hint:')} ${printable(issue.hint)}`);
  return `${lines.join('\n')}\n`;
}

/** What stands on their lines is a secret. */
const hidden: readonly string[] = ['PrivateKey', 'PlaintextSecret', 'SecretLeaked'];

/** Private keys are pasted by mistake: what a terminal shows is kept in logs. A bare line of base64 may be a piece of one. */
function looksSecret(source: string): boolean {
  return /PRIVATE KEY|AGE-SECRET-KEY/i.test(source) || /^\s*[A-Za-z0-9+/]{40,}={0,2}\s*$/.test(source);
}

const room = 100;

/** The source line and a mark under the column. A very long line is cut around the place. */
function quote(issue: Issue, source: string, colours: Colours): string[] {
  const start = Math.max(0, issue.column - 1 - room / 2);
  const cut = printable(source.replaceAll('\t', ' ')).slice(start, start + room);
  const gutter = String(issue.line);
  const mark = ' '.repeat(issue.column - 1 - start) + colours.red('^');
  return [
    `  ${colours.dim(`${gutter} |`)} ${cut}`,
    `  ${colours.dim(`${' '.repeat(gutter.length)} |`)} ${mark}`,
  ];
}
