/** What a Git LFS pointer stands for. */
export interface LfsPointer {
  /** SHA-256, 64 lower-case hexadecimal digits. */
  readonly oid: string;
  /** Bytes. */
  readonly size: number;
}

/** Bytes that a pointer may have at most, by the specification: it is shorter. */
export const largestPointer = 1024;

/**
 * Reads a pointer as Git LFS writes it: UTF-8 lines of a key, a space and a value, `version` first and the others in order.
 * Undefined for any other text. A pointer that needs an extension cannot be followed, and is none here.
 */
export function parsePointer(text: string): LfsPointer | undefined {
  if (text.length >= largestPointer || !text.endsWith('\n')) return undefined;
  const [first, ...rest] = text.slice(0, -1).split('\n');
  if (first !== 'version https://git-lfs.github.com/spec/v1') return undefined;
  const fields = new Map(
    rest.map((line) => [line.split(' ', 1)[0] ?? '', line.slice(line.indexOf(' ') + 1)]),
  );
  const keys = [...fields.keys()];
  if (keys.length !== rest.length || keys.some((key, index) => index > 0 && key < (keys[index - 1] ?? '')))
    return undefined;
  if (keys.some((key) => key.startsWith('ext-'))) return undefined;
  const oid = /^sha256:([0-9a-f]{64})$/.exec(fields.get('oid') ?? '')?.[1];
  const size = Number(/^\d{1,15}$/.exec(fields.get('size') ?? '')?.[0] ?? Number.NaN);
  return oid === undefined || Number.isNaN(size) ? undefined : { oid, size };
}

const mark = 'version https://git-lfs.github.com/spec/';

/** Whether a text begins as pointers do, whether it can be followed or not. */
export function looksLikePointer(text: string): boolean {
  return text.startsWith(mark);
}
