import { YamlEditError } from './error.ts';

/** The segments of a JSON pointer (RFC 6901): `/spec/a~1b` is `['spec', 'a/b']`, and the empty text the whole document. */
export function segmentsOf(pointer: string): string[] {
  if (pointer === '') return [];
  if (typeof pointer !== 'string' || !pointer.startsWith('/') || /~(?![01])/.test(pointer)) {
    throw new YamlEditError(
      'InvalidPointer',
      `${JSON.stringify(pointer)} is not a JSON pointer like /spec/version`,
    );
  }
  return pointer
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The index that a segment means in a list of this length; `-` is the place after the last. Undefined where it means none. */
export function indexOf(segment: string, length: number): number | undefined {
  if (segment === '-') return length;
  return /^(0|[1-9]\d{0,8})$/.test(segment) ? Number(segment) : undefined;
}

/** Whether a segment could be meant as the place in a list. */
export function looksLikeIndex(segment: string): boolean {
  return indexOf(segment, 0) !== undefined;
}
