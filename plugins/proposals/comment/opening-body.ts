import type { Intent } from '../../../core/capabilities/proposer.ts';
import type { PlannedChange } from '../../../core/capabilities/registry.ts';
import { code, text, value } from './markdown.ts';
import { commentBytes } from './plan-comment.ts';
import { planLines } from './plan-section.ts';
import { type Section, within } from './section.ts';

const whatChanges = '### What changes';

/** What a proposal opens with: why, the lines that change, and what will be done. The comment carries what is judged. */
export function openingBody(
  intent: Intent,
  base: string,
  changes: readonly PlannedChange[] | undefined,
): string {
  const reason = (intent.reason ?? '').trim();
  const files = intent.files.slice(0, 30).map((file) => {
    if ('remove' in file) return `- ${code(file.path)}: removed`;
    if ('content' in file) return `- ${code(file.path)}`;
    const edits = file.edits.slice(0, 10).map((edit) => {
      if (edit.op === 'remove') return `${code(edit.pointer)} removed`;
      if (edit.op !== 'set') return `${code(edit.pointer)} gets ${value(edit.value)}`;
      const from = edit.expected === undefined ? '' : `${value(edit.expected)} → `;
      return `${code(edit.pointer)}: ${from}${value(edit.value)}`;
    });
    return `- ${code(file.path)} ${edits.join(', ')}`;
  });
  if (intent.files.length > 30) files.push(`- … and ${intent.files.length - 30} more files`);
  const plan =
    changes === undefined || changes.length === 0
      ? []
      : [`### What will be done, as of ${code(base.slice(0, 12))}`, '', ...planLines(changes)];
  const by = `Asked for by ${text(intent.author.name, 100)}. The plan, the checks and the verdict follow as a comment that is kept up to date.`;
  const sections: Section[] = [
    { lines: [whatChanges, '', ...files], weight: 1 },
    { lines: plan, weight: 2 },
  ];
  if (reason !== '') sections.unshift({ lines: [reason], weight: 0 });
  return within(sections, by, commentBytes);
}

/** Of such a body, or any other, what was written by whoever asked: all that stands before the platform's own account. */
export function reasonIn(body: string): string {
  const [reason = ''] = `\n${body}`.split(`\n${whatChanges}\n`, 1);
  return reason.trim();
}
