import type { Plan, PlannedChange } from '../../core/control/plan.ts';
import type { PlanStep } from '../../core/plugin.ts';
import { type Colours, printable } from '../terminal.ts';

const marks = { added: '+', changed: '~', removed: '-', affected: '·' } as const;

/** A plan for a person on a terminal. */
export function planForPeople(plan: Plan, colours: Colours): string {
  const { bold, dim, green, yellow, red, cyan } = colours;
  const paint = { added: green, changed: yellow, removed: red, affected: cyan };
  const lines = [bold(heading(plan)), ''];
  for (const change of plan.changes) {
    const colour = paint[change.type];
    lines.push(
      `${colour(`${marks[change.type]} ${change.ref}`)}  ${dim(`${change.type}, ${printable(change.path)}:${change.line}`)}`,
    );
    for (const field of change.fields) {
      lines.push(`    ${field.pointer}: ${red(shown(field.before))} → ${green(shown(field.after))}`);
    }
    for (const [index, step] of change.steps.entries()) {
      lines.push(`    ${dim(`${index + 1}.`)} ${stepText(step, bold)}`);
    }
    if (change.steps.length === 0) lines.push(dim(`    ${withoutSteps(change)}`));
  }
  if (plan.changes.length > 0) lines.push('');
  lines.push(summary(plan));
  return `${lines.join('\n')}\n`;
}

/** A plan as a comment on a pull request. */
export function planAsMarkdown(plan: Plan): string {
  const lines = [`### ${heading(plan)}`, '', summary(plan), ''];
  if (plan.changes.length > 0) {
    lines.push('| | resource | fields | plugin | steps |', '| --- | --- | --- | --- | --- |');
    for (const change of plan.changes) {
      const fields = change.fields.map(
        (field) => `\`${field.pointer}\` ${code(shown(field.before))} → ${code(shown(field.after))}`,
      );
      const steps = change.steps.map(
        (step, index) => `${index + 1}. ${cell(stepText(step, (action) => `**${action}**`))}`,
      );
      lines.push(
        `| ${change.type} | \`${change.ref}\`<br>${cell(change.path)}:${change.line} | ${fields.join('<br>')} | ${
          change.plugin ?? '–'
        } | ${steps.join('<br>') || withoutSteps(change)} |`,
      );
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** A step in words. Its action is set off where the description begins with it, and said before it elsewhere. */
export function stepText({ action, description }: PlanStep, emphasize: (text: string) => string): string {
  const [verb, text] = [printable(action), printable(description)];
  return text.startsWith(verb) ? emphasize(verb) + text.slice(verb.length) : `${emphasize(verb)}: ${text}`;
}

function heading(plan: Plan): string {
  const to = plan.to.slice(0, 10);
  return plan.from === null ? `Plan for ${to}, from nothing` : `Plan from ${plan.from.slice(0, 10)} to ${to}`;
}

function summary(plan: Plan): string {
  if (plan.changes.length === 0) return 'Nothing changes.';
  const counts = (['added', 'changed', 'removed', 'affected'] as const)
    .map((type) => [type, plan.changes.filter((change) => change.type === type).length] as const)
    .filter(([, count]) => count > 0)
    .map(([type, count]) => `${count} ${type}`);
  const steps = plan.changes.reduce((sum, change) => sum + change.steps.length, 0);
  return `${counts.join(', ')}; ${steps} ${steps === 1 ? 'step' : 'steps'}.`;
}

function withoutSteps(change: PlannedChange): string {
  return change.plugin === null ? 'no plugin owns this kind' : `recorded by ${change.plugin}; nothing to do`;
}

function shown(value: unknown): string {
  if (value === undefined) return '(none)';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const clean = printable(text).replaceAll('\n', ' ');
  return clean.length > 80 ? `${clean.slice(0, 79)}…` : clean;
}

function cell(text: string): string {
  return printable(text).replaceAll('\n', ' ').replaceAll('|', '\\|').replaceAll('<', '&lt;');
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replaceAll('|', '\\|')}\``;
}
