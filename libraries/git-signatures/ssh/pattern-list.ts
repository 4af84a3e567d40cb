/**
 * Whether `text` matches a pattern-list (PATTERNS in ssh_config(5)): at least one of the patterns, and none of those
 * that begin with `!`. Case counts.
 */
export function matchesPatternList(text: string, patterns: readonly string[]): boolean {
  let matches = false;
  for (const pattern of patterns) {
    if (pattern.startsWith('!')) {
      if (matchesPattern(text, pattern.slice(1))) return false;
    } else if (matchesPattern(text, pattern)) {
      matches = true;
    }
  }
  return matches;
}

/** `*` stands for any characters, `?` for exactly one. Takes at most text times pattern steps, whatever they are. */
export function matchesPattern(text: string, pattern: string): boolean {
  let at = 0;
  let next = 0;
  let star = -1;
  let resumeAt = 0;
  while (at < text.length) {
    if (pattern[next] === '*') {
      star = next++;
      resumeAt = at;
    } else if (next < pattern.length && (pattern[next] === '?' || pattern[next] === text[at])) {
      next++;
      at++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++resumeAt;
    } else {
      return false;
    }
  }
  while (pattern[next] === '*') next++;
  return next === pattern.length;
}
