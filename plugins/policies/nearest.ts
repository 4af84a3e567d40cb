import { distance } from 'fastest-levenshtein';

/** The candidate that a word was probably meant to be: two of five letters may differ. */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > 100) return undefined;
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const away = distance(word.toLowerCase(), candidate.toLowerCase());
    if (away <= Math.max(1, Math.floor(candidate.length * 0.4)) && away < least) {
      best = candidate;
      least = away;
    }
  }
  return best;
}
