import { isUtf8 } from 'node:buffer';
import { idLength, type ObjectFormat } from './object-id.ts';
import type { TreeEntry } from './repository.ts';

/**
 * The entries of a tree object, in Git's order. A name that is not UTF-8 comes with its stray bytes written as `\xff`:
 * readable and different for different names, but no path that `write` could reach.
 */
export function parseTree(bytes: Buffer, format: ObjectFormat): TreeEntry[] {
  const entries: TreeEntry[] = [];
  const width = idLength(format);
  let at = 0;
  while (at < bytes.length) {
    // A tree of ten thousand entries is parsed for one changed file: a file's mode is told by its first two digits.
    const isFile = bytes[at] === 0x31 && bytes[at + 1] === 0x30 && bytes[at + 6] === 0x20;
    const space = isFile ? at + 6 : bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    const next = end + 1 + width;
    if (space < 0 || end < 0 || next > bytes.length) throw new Error('the tree is cut short');
    entries.push({
      name: readName(bytes, space + 1, end),
      id: bytes.toString('hex', end + 1, next),
      type: isFile ? 'blob' : typeOfMode(bytes.toString('latin1', at, space)),
    });
    at = next;
  }
  return entries;
}

/** What a mode means to us. An executable file is a file. */
export function typeOfMode(mode: string): TreeEntry['type'] {
  switch (mode) {
    case '40000':
    case '040000':
      return 'tree';
    case '120000':
      return 'symlink';
    case '160000':
      return 'submodule';
    default:
      return 'blob';
  }
}

/** One entry of a tree as it stands there, so that it can be written again to the byte. */
export interface RawEntry {
  readonly mode: string;
  /** The bytes of the name, one a character: a key that keeps what is not UTF-8. */
  readonly name: string;
  readonly id: string;
}

/** The entries of a tree object for editing. */
export function splitTree(bytes: Buffer, format: ObjectFormat): RawEntry[] {
  const entries: RawEntry[] = [];
  const width = idLength(format);
  let at = 0;
  while (at < bytes.length) {
    const space = bytes.indexOf(0x20, at);
    const end = bytes.indexOf(0, space);
    const next = end + 1 + width;
    entries.push({
      mode: bytes.toString('latin1', at, space),
      name: bytes.toString('latin1', space + 1, end),
      id: bytes.toString('hex', end + 1, next),
    });
    at = next;
  }
  return entries;
}

/** The tree object of these entries, put into Git's order: a folder sorts as if its name ended in a slash. */
export function joinTree(entries: Iterable<RawEntry>): Buffer {
  const sortKey = (entry: RawEntry) => (typeOfMode(entry.mode) === 'tree' ? `${entry.name}/` : entry.name);
  const sorted = [...entries]
    .map((entry) => ({ entry, key: sortKey(entry) }))
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const parts: Buffer[] = [];
  for (const { entry } of sorted) {
    parts.push(Buffer.from(`${entry.mode} ${entry.name}\0`, 'latin1'), Buffer.from(entry.id, 'hex'));
  }
  return Buffer.concat(parts);
}

/** A raw name or path for people: what `parseTree` makes of it. */
export function readableName(raw: string): string {
  const bytes = Buffer.from(raw, 'latin1');
  return readName(bytes, 0, bytes.length);
}

/** The raw name of a readable one that is UTF-8. */
export function rawName(name: string): string {
  return Buffer.from(name, 'utf8').toString('latin1');
}

function readName(bytes: Buffer, start: number, end: number): string {
  const name = bytes.toString('utf8', start, end);
  if (!name.includes('\ufffd')) return name;
  const raw = bytes.subarray(start, end);
  if (isUtf8(raw)) return name;
  let escaped = '';
  for (const byte of raw) {
    const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x5c;
    escaped += plain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return escaped;
}
