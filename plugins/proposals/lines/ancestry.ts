import type { Version } from '../changes/look-up.ts';

/** The version graph of a model, as `parents` draws it. */
export interface Ancestry {
  /** Whether the second comes from the first, or is it. */
  isAncestor(one: Version, of: Version): boolean;
  /**
   * The newest versions that both come from: none for unrelated ones, several where lines were merged crosswise. In order
   * of number.
   */
  mergeBases(one: Version, other: Version): readonly Version[];
}

/** @param all In order of number. Parents that are not among them (retired ones) lead nowhere. */
export function ancestryOf(all: readonly Version[]): Ancestry {
  const byName = new Map(all.map((version) => [version.metadata.name, version]));
  const known = new Map<string, ReadonlySet<string>>();

  /** With the version itself. Parents are always lower, so that this ends. */
  const ancestors = (name: string): ReadonlySet<string> => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const found = new Set<string>();
    const open = [name];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (found.has(next)) continue;
      found.add(next);
      const parents = byName.get(next)?.spec.parents ?? [];
      open.push(...parents.filter((parent) => byName.has(parent)));
    }
    known.set(name, found);
    return found;
  };

  return {
    isAncestor: (one, of) => ancestors(of.metadata.name).has(one.metadata.name),
    mergeBases(one, other) {
      const theirs = ancestors(other.metadata.name);
      const shared = [...ancestors(one.metadata.name)].filter((name) => theirs.has(name));
      return all.filter(
        ({ metadata: { name } }) =>
          shared.includes(name) && !shared.some((other) => other !== name && ancestors(other).has(name)),
      );
    },
  };
}
