import { distance } from 'fastest-levenshtein';

/**
 * The candidate that a word was probably meant to be, if one is near: two of five letters may differ, or all be there
 * in another order.
 */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
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
    if (away > most) continue;
    if (away < least || (away === least && best !== undefined && candidate < best)) {
      best = candidate;
      least = away;
    }
  }
  return best;
}

/** A hint for a word that is not among the candidates: the one meant, or a list of them. */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  const all = [...candidates].sort();
  const meant = suggest(word, all);
  if (meant !== undefined) return `Did you mean ${quoted(meant)}?`;
  if (all.length === 0) return undefined;
  const shown = all.slice(0, 10).map(quoted).join(', ');
  return all.length > 10 ? `There are ${shown} and ${all.length - 10} more.` : `There are: ${shown}.`;
}

/** How a word of a manifest is set off in a message. */
export function quoted(word: string): string {
  return `\`${word.length > longest ? `${word.slice(0, longest)}…` : word}\``;
}

/** `a Model`, `an Environment`. */
export function withArticle(kind: string): string {
  return `${/^[AEIOU]/i.test(kind) ? 'an' : 'a'} ${kind}`;
}

function letters(word: string): string {
  return [...word].sort().join('');
}

const longest = 100;
