import type { Kernel } from '../../core/kernel-api.ts';
import { unknownKind } from './errors.ts';

/**
 * The kind that a word means: its name, its plural or a short name, in any case. A kind that no plugin brings any more
 * is known by what is left of it. Throws `UnknownKind`.
 */
export function kindMeant(kernel: Kernel, word: string): string {
  const lower = word.toLowerCase();
  const kinds = kernel.kinds();
  for (const { kind, plural, shortNames = [] } of kinds) {
    if ([kind, plural, ...shortNames].some((name) => name.toLowerCase() === lower)) return kind;
  }
  const left = kernel.resources().find(({ kind }) => kind.toLowerCase() === lower);
  if (left !== undefined) return left.kind;
  throw unknownKind(
    word,
    kinds.map(({ plural }) => plural),
  );
}
