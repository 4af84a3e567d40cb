import type { JudgedCheck } from '../proposals.ts';
import { seconds } from './figures.ts';
import { code, foreignMarkdown, html, text } from './markdown.ts';
import type { Section } from './section.ts';

/** One table of all checks that have something to say, then what they have to say at length. */
export function checksSection(checks: readonly JudgedCheck[]): readonly Section[] {
  if (checks.length === 0) return [];
  const told = checks.filter(({ outcome }) => outcome !== 'neutral');
  const silent = checks.filter(({ outcome }) => outcome === 'neutral');
  const ordered = [...told].sort((one, other) => rank[one.outcome] - rank[other.outcome]);
  const rows = ordered.slice(0, 60).map(({ name, outcome, summary, durationMs }) => {
    const took = outcome === 'pending' ? '' : seconds(durationMs);
    return `| ${shown[outcome]} | ${code(name, 80)} | ${text(summary)} | ${took} |`;
  });
  const lines = ['### Checks', ''];
  if (rows.length > 0) lines.push('| | check | | took |', '| --- | --- | --- | --- |', ...rows);
  if (silent.length > 0) {
    lines.push(
      '',
      `Nothing to say: ${silent
        .slice(0, 60)
        .map(({ name }) => code(name, 80))
        .join(', ')}.`,
    );
  }
  return [{ lines, weight: 1 }, ...ordered.slice(0, 60).flatMap(detailsOf)];
}

const rank = { fail: 0, error: 1, pending: 2, pass: 3, neutral: 4 } as const;
const shown = { fail: '**fail**', error: '**error**', pending: 'runs', pass: 'pass', neutral: '' } as const;

function detailsOf({ name, title, outcome, details, annotations = [] }: JudgedCheck): readonly Section[] {
  const places = annotations.slice(0, 20).map(({ path, line, message, hint }) => {
    return `- ${code(`${path}:${line}`)} ${text(message)}${hint === undefined ? '' : ` ${text(hint)}`}`;
  });
  // A check that writes details names its places there.
  const body = details === undefined ? places : [foreignMarkdown(details, 8_000)];
  if (body.length === 0) return [];
  const open = outcome === 'fail' ? ' open' : '';
  const lines = [
    `<details${open}><summary>${html(title)}: ${html(name, 80)}</summary>`,
    '',
    ...body,
    '',
    '</details>',
  ];
  return [{ lines, weight: outcome === 'fail' || outcome === 'error' ? 4 : 5 }];
}
