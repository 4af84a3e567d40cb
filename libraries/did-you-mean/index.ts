/** What a word that is not known was probably meant to be, and the hint that says so. */
import { distance } from 'fastest-levenshtein';

/** A hint for a word that is not among the candidates: the one that was probably meant, or the first of them, in the order given. */
export function didYouMean(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...new Set(candidates)];
  const meant = meantBy(word, all);
  if (meant !== undefined) return `Did you mean ${quoted(meant)}?`;
  if (all.length === 0) return undefined;
  const shown = all.slice(0, mostShown).map(quoted).join(', ');
  return all.length > mostShown
    ? `There are ${shown} and ${all.length - mostShown} more.`
    : `There are: ${shown}.`;
}

/**
 * The candidate that a word was probably meant to be, if one is near: two of five letters may differ, or all be there
 * in another order. The first of those that are equally near.
 */
export function meantBy(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longest) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const most = Math.max(1, Math.floor(Math.max(word.length, candidate.length) * 0.4));
    if (candidate === word || Math.abs(candidate.length - word.length) > Math.min(most, least)) continue;
    const other = candidate.toLowerCase();
    const isReordered = other.length === lower.length && letters(other) === letters(lower);
    const away = isReordered ? 1 : distance(lower, other);
    if (away > most || away >= least) continue;
    best = candidate;
    least = away;
  }
  return best;
}

/** How a word is set off in a message; a long one is cut. */
export function quoted(word: string): string {
  return `\`${word.length > longest ? `${word.slice(0, longest)}…` : word}\``;
}

function letters(word: string): string {
  return [...word].sort().join('');
}

const longest = 100;
const mostShown = 10;
