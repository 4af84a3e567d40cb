import { distance } from 'fastest-levenshtein';

/** A hint for a name that is not there: the one that was probably meant, or those that there are. */
export function meant(name: string, candidates: Iterable<string>): string | undefined {
  const all = [...new Set(candidates)].sort();
  if (all.length === 0) return undefined;
  let best: string | undefined;
  let least = Math.max(1, Math.floor(name.length * 0.4)) + 1;
  if (name.length <= 100) {
    for (const candidate of all) {
      const away = distance(name.toLowerCase(), candidate.toLowerCase());
      if (away < least) [best, least] = [candidate, away];
    }
  }
  if (best !== undefined) return `Did you mean ${best}?`;
  const shown = all.slice(-10).join(', ');
  return all.length > 10 ? `There are ${all.length}, the last of them: ${shown}.` : `There are: ${shown}.`;
}
