import { distance } from 'fastest-levenshtein';

/** The candidate that a word was probably meant to be, if one is near: a third of its letters may differ. */
export function suggest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > longest) return undefined;
  const lower = word.toLowerCase();
  let best: string | undefined;
  let least = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === word || Math.abs(candidate.length - word.length) >= least) continue;
    const away = distance(lower, candidate.toLowerCase());
    if (away < least || (away === least && best !== undefined && candidate < best)) {
      best = candidate;
      least = away;
    }
  }
  return best;
}

/** A hint for a word that is not among the candidates: the one meant, or a list of them. */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  const meant = suggest(word, candidates);
  if (meant !== undefined) return `Did you mean ${quoted(meant)}?`;
  const all = [...candidates].sort();
  if (all.length === 0) return undefined;
  const shown = all.slice(0, 10).map(quoted).join(', ');
  return all.length > 10 ? `There are ${shown} and ${all.length - 10} more.` : `There are: ${shown}.`;
}

/** How a word of a manifest is set off in a message. */
export function quoted(word: string): string {
  return `\`${word.length > longest ? `${word.slice(0, longest)}…` : word}\``;
}

const longest = 100;
