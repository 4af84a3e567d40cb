import type { Version } from '../changes/look-up.ts';
import { resolutionInvalid } from '../errors.ts';
import { lineOf } from './heads.ts';
import type { Side } from './three-way.ts';

/** What a person decided about fields that both sides changed. */
export interface Settlements {
  /** Which side counts for a field: said of it, or of what it is a part of. */
  settle(field: string): Side | undefined;
  /** `lineage.seed as in eu`, of those that were needed. */
  used(): readonly string[];
  /** Throws `ResolutionInvalid` where something was decided that was no conflict. */
  refuseUnused(): void;
}

/**
 * @param resolve Field → the line or the version whose value counts. Throws `ResolutionInvalid` where that is neither of the
 * two sides.
 */
export function settlementsOf(
  resolve: ReadonlyMap<string, string>,
  ours: Version,
  theirs: Version,
): Settlements {
  const sides = new Map<string, Side>([
    [theirs.metadata.name, 'theirs'],
    [ours.metadata.name, 'ours'],
  ]);
  if (lineOf(ours) !== lineOf(theirs)) sides.set(lineOf(theirs), 'theirs').set(lineOf(ours), 'ours');
  for (const [field, side] of resolve) {
    if (!sides.has(side)) throw resolutionInvalid(`${field} cannot be as in "${side}"`, [...sides.keys()]);
  }
  const used = new Set<string>();
  return {
    settle(field) {
      const parts = field.split('.');
      for (let length = parts.length; length > 0; length -= 1) {
        const name = parts.slice(0, length).join('.');
        const side = resolve.get(name);
        if (side === undefined) continue;
        used.add(name);
        return sides.get(side);
      }
      return undefined;
    },
    used: () => [...used].map((field) => `${field} as in ${resolve.get(field)}`),
    refuseUnused() {
      const unused = [...resolve.keys()].filter((field) => !used.has(field));
      if (unused.length === 0) return;
      throw resolutionInvalid(`there is no conflict in ${unused.join(', ')}`, undefined);
    },
  };
}
