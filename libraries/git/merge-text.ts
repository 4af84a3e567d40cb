import { diff3Merge } from 'node-diff3';

/** Merges two versions of a text line by line; undefined where both changed the same lines, or one is no text. */
export function mergeText(base: Buffer, ours: Buffer, theirs: Buffer): Buffer | undefined {
  if ([base, ours, theirs].some(isBinary)) return undefined;
  const merged: string[] = [];
  for (const region of diff3Merge(linesOf(ours), linesOf(base), linesOf(theirs))) {
    if (region.ok === undefined) return undefined;
    for (const line of region.ok) merged.push(line);
  }
  return Buffer.from(merged.join(''), 'latin1');
}

/** As Git tells: a NUL among the first bytes. */
function isBinary(bytes: Buffer): boolean {
  return bytes.subarray(0, 8000).includes(0);
}

/** With their ends, one character a byte, so that nothing is lost of what is not UTF-8. */
function linesOf(bytes: Buffer): string[] {
  return bytes.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
