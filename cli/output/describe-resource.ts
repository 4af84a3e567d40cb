import type { JournalEntry } from '../../core/plugin.ts';
import type { ShownResource } from '../client/resources.ts';
import { type Colours, oneLine, printable } from '../terminal.ts';
import { age } from './age.ts';
import { compactYaml } from './compact-yaml.ts';
import { journalLine } from './journal-line.ts';
import { table } from './table.ts';

/** One resource in full, for a person. */
export function describeResource(
  shown: ShownResource,
  journal: readonly JournalEntry[],
  colours: Colours,
  now: number,
): string {
  const { bold, dim, green, red, yellow } = colours;
  const { origin, metadata, status } = shown;
  const width = Number.POSITIVE_INFINITY;
  const sections = [bold(printable(shown.ref))];

  if (origin) {
    const pairs = (map: Readonly<Record<string, string>> | undefined) =>
      Object.entries(map ?? {}).map(([name, value]) => `${name}=${value}`);
    sections.push(
      table(
        [],
        [
          [dim('origin'), `${origin.path}:${origin.line} @ ${origin.commit.slice(0, 10)}`],
          [dim('digest'), shown.digest ?? ''],
          ...pairs(metadata.labels).map((pair) => [dim('label'), oneLine(pair)]),
          ...pairs(metadata.annotations).map((pair) => [dim('annotation'), oneLine(pair)]),
          ...(status?.suspended ? [[dim('suspended'), yellow('yes: the kernel leaves it as it is')]] : []),
        ],
        { width },
      ).trimEnd(),
    );
  }

  const conditions = status?.conditions ?? [];
  if (conditions.length > 0) {
    const paint = (type: string, value: string) =>
      value === 'Unknown'
        ? yellow(value)
        : (value === 'True') === (type !== 'Degraded')
          ? green(value)
          : type === 'Progressing'
            ? value
            : red(value);
    const rows = conditions.map((condition) => [
      condition.type,
      paint(condition.type, condition.status),
      condition.reason,
      age(condition.lastTransitionTime, now),
      condition.observedCommit.slice(0, 10),
      oneLine(condition.message),
    ]);
    const titles = ['TYPE', 'STATUS', 'REASON', 'SINCE', 'COMMIT', 'MESSAGE'];
    sections.push(`${bold('Conditions')}\n${indent(table(titles, rows, { width, header: dim }))}`);
  }

  if (shown.issues.length > 0) {
    const lines = shown.issues.flatMap((issue) => [
      `${printable(issue.path)}:${issue.line}:${issue.column}  ${issue.severity === 'error' ? red(issue.code) : yellow(issue.code)}`,
      `  ${printable(issue.message)}`,
      ...(issue.hint ? [`  ${dim('hint:')} ${printable(issue.hint)}`] : []),
    ]);
    sections.push(`${bold('Issues')}\n${indent(lines.join('\n'))}`);
  }

  if (origin) sections.push(`${bold('Spec')}\n${indent(printable(compactYaml(shown.spec)))}`);
  const facts = status?.facts;
  if (facts && Object.keys(facts).length > 0) {
    sections.push(`${bold('Facts')}\n${indent(printable(compactYaml(facts)))}`);
  }
  if (journal.length > 0) {
    const lines = journal.map((entry) => journalLine(entry, colours)).join('');
    sections.push(`${bold('Journal')} ${dim('(newest first)')}\n${indent(lines)}`);
  }
  return `${sections.map((section) => section.trimEnd()).join('\n\n')}\n`;
}

function indent(text: string): string {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
    .join('\n');
}
