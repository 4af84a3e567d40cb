/**
 * Whether a path matches a pattern: `*` stands for characters of one folder or file name, `**` for any characters, `?` for
 * one character but a slash. Takes at most path times pattern steps, whatever they are.
 */
export function matchesGlob(path: string, pattern: string): boolean {
  const pieces = pattern.match(/\*\*\/?|\*|\?|[^*?]/gsu) ?? [];
  // Which places of the path the pieces so far may have led to.
  let reached = new Set([0]);
  for (const piece of pieces) {
    const next = new Set<number>();
    for (const at of reached) step(path, at, piece, next);
    if (next.size === 0) return false;
    reached = next;
  }
  return reached.has(path.length);
}

function step(path: string, at: number, piece: string, next: Set<number>): void {
  if (piece === '*' || piece.startsWith('**')) {
    for (let end = at; end <= path.length && !next.has(end); end++) {
      // `**/` also stands for no folder, and ends after a slash.
      if (piece !== '**/' || end === at || path[end - 1] === '/') next.add(end);
      if (piece === '*' && path[end] === '/') return;
    }
    return;
  }
  const character = String.fromCodePoint(path.codePointAt(at) ?? 0);
  if (at >= path.length) return;
  if (piece === character || (piece === '?' && character !== '/')) next.add(at + character.length);
}
