import type { Version } from '../changes/look-up.ts';
import { linesConflict } from '../errors.ts';
import { headName, lineOf } from './heads.ts';
import type { FieldConflict } from './three-way.ts';

/** Names what both lines changed differently, with what each made of it, and how to say which counts. Throws `LinesConflict`. */
export function refuseConflicts(
  conflicts: readonly FieldConflict[],
  {
    ours,
    theirs,
    bases,
  }: { readonly ours: Version; readonly theirs: Version; readonly bases: readonly Version[] },
): void {
  const [first] = conflicts;
  if (first === undefined) return;
  const since =
    bases.length === 0 ? '' : ` since ${bases.map(({ metadata }) => metadata.name).join(' and ')}`;
  const what = `${headName(ours)} and ${headName(theirs)} changed the same differently${since}:`;
  const lines = conflicts.map(({ field, ours: one, theirs: other, bases: from }) => {
    const was = from.length === 1 && from[0] !== undefined ? `was ${shown(from[0])}, ` : '';
    return `${field}: ${was}is ${shown(one)} in ${headName(ours)} and ${shown(other)} in ${headName(theirs)}`;
  });
  const about = (part: string) =>
    conflicts.some(({ field }) => field === part || field.startsWith(`${part}.`));
  const side = lineOf(ours) === lineOf(theirs) ? theirs.metadata.name : lineOf(theirs);
  const hints = [`Say which counts: --resolve ${first.field}=${side}.`];
  if (about('artifact')) hints.push('Or give an artifact made of both: --artifact FILE, or --average.');
  if (about('lineage')) hints.push('Or say how the new one was made: --describe FILE.');
  if (about('examples')) hints.push('Or give golden examples of the new one: --examples FILE.');
  throw linesConflict(what, lines, hints);
}

function shown(value: unknown): string {
  if (value === undefined) return 'absent';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
