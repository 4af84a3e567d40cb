import type { PlannedChange } from '../../../core/capabilities/registry.ts';
import type { Judgement } from '../proposals.ts';
import { counted } from './figures.ts';
import { code, text } from './markdown.ts';
import type { Section } from './section.ts';

/** What the platform will do after the merge, in its order. */
export function planSection({ plan }: Pick<Judgement, 'plan'>): Section {
  if (plan === null || plan.changes.length === 0) return { lines: [], weight: 2 };
  return { lines: ['### What will be done', '', ...planLines(plan.changes)], weight: 2 };
}

export function planLines(changes: readonly PlannedChange[]): readonly string[] {
  const steps = changes.reduce((sum, change) => sum + change.steps.length, 0);
  const plugins = [...new Set(changes.flatMap(({ plugin }) => (plugin === null ? [] : [plugin])))];
  const by = plugins.length === 0 ? '' : `, by ${plugins.map((plugin) => code(plugin)).join(', ')}`;
  const lines = [`${counted(changes.length, 'change')}, ${counted(steps, 'step')}${by}.`, ''];
  for (const change of changes.slice(0, maxChanges)) lines.push(...changeLines(change));
  if (changes.length > maxChanges)
    lines.push(`- … and ${counted(changes.length - maxChanges, 'more change')}`);
  return lines;
}

const maxChanges = 40;
const maxSteps = 12;

function changeLines({ ref, type, plugin, path, line, steps }: PlannedChange): readonly string[] {
  const place = `${code(path)}:${line}`;
  const whose = plugin === null ? 'no plugin owns this kind' : `by ${code(plugin)}`;
  if (steps.length === 0) return [`- ${type} ${code(ref)} (${place}), ${whose}: nothing to do`];
  const shown = steps.slice(0, maxSteps).map(({ action, description }, index) => {
    const words = description.startsWith(action)
      ? `**${text(action, 60)}**${text(description).slice(text(action, 60).length)}`
      : `**${text(action, 60)}**: ${text(description)}`;
    return `  ${index + 1}. ${words}`;
  });
  const rest = steps.length > maxSteps ? [`  ${maxSteps + 1}. … and ${steps.length - maxSteps} more`] : [];
  return [`- ${type} ${code(ref)} (${place}), ${whose}`, ...shown, ...rest];
}
