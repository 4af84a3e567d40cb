import { referenceInvalid, updateRefused } from './errors.ts';
import { isObjectId } from './object-id.ts';
import type { ReferenceUpdate } from './repository.ts';

/** Refuses what is not the full name of a reference, by Git's own rules. Throws `ReferenceInvalid`. */
export function checkReference(name: string): void {
  const parts = name.split('/');
  const isFull = parts.length >= 2 && parts[0] === 'refs';
  const badPart = (part: string) => part === '' || part.startsWith('.') || part.endsWith('.lock');
  const badCharacter = [...name].some((one) => one <= ' ' || one === '\x7f' || '~^:?*[\\'.includes(one));
  if (!isFull || parts.some(badPart) || badCharacter || /\.\.|@\{|\.$/.test(name))
    throw referenceInvalid(name);
}

/** Refuses what is neither the full name of a reference nor a folder of them, `refs/proposals/*`. Throws `ReferenceInvalid`. */
export function checkPatterns(patterns: readonly string[]): void {
  for (const pattern of patterns) {
    try {
      checkReference(pattern.replace(/\/\*$/, '/all'));
    } catch {
      throw referenceInvalid(pattern);
    }
  }
}

/** Whether a full name is what a pattern names. */
export function matches(pattern: string, name: string): boolean {
  return pattern.endsWith('/*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Refuses moves that could not be made together wherever the references are. Throws `ReferenceInvalid` or `UpdateRefused`. */
export function checkUpdates(updates: readonly ReferenceUpdate[]): void {
  const names = new Set(updates.map(({ reference }) => reference));
  if (names.size < updates.length) {
    const twice = updates.find(({ reference }, index) =>
      updates.slice(0, index).some((earlier) => earlier.reference === reference),
    )!;
    throw updateRefused(twice.reference, 'it is named twice');
  }
  for (const { reference, from, to } of updates) {
    checkReference(reference);
    if (from === null && to === null) throw updateRefused(reference, 'it would go from nothing to nothing');
    for (const id of [from, to]) {
      if (id !== null && !isObjectId(id))
        throw updateRefused(reference, `${JSON.stringify(id)} is no id of a commit`);
    }
    for (let end = reference.lastIndexOf('/'); end > 0; end = reference.lastIndexOf('/', end - 1)) {
      if (names.has(reference.slice(0, end))) throw referenceInvalid(reference);
    }
  }
}

/**
 * The folders of references that a prefix reaches, the narrowest that hold them all. Empty where no name of a reference
 * starts so.
 */
export function foldersOf(prefix: string | undefined): readonly string[] {
  if (prefix === undefined) return ['refs/heads', 'refs/tags'];
  const folder = prefix.slice(0, Math.max(prefix.lastIndexOf('/'), 0));
  if (folder === '') return 'refs'.startsWith(prefix) ? ['refs'] : [];
  const parts = folder.split('/');
  const isFolder = parts[0] === 'refs' && !parts.some((part) => part === '' || part.startsWith('.'));
  return isFolder && !/[\0\\*?[]/.test(folder) ? [folder] : [];
}
