import { bad } from '../refusal.ts';

export interface ArmoredBlock {
  /** Such as `PGP PUBLIC KEY BLOCK`. */
  readonly label: string;
  readonly content: Buffer;
}

const begin = /^-----BEGIN ([A-Z][A-Z ]{0,60})-----$/;
const header = /^[A-Za-z][A-Za-z0-9-]{0,60}: /;
const checksumLine = /^=[A-Za-z0-9+/]{4}$/;

/**
 * Reads the block whose first line is `lines[start]` (RFC 9580, section 6.2) and says with which line it ends. Headers
 * are ignored; the base64 must be canonical; a checksum is checked if there is one. Lines may end in spaces.
 */
export function readBlock(lines: readonly string[], start: number): { block: ArmoredBlock; end: number } {
  const label = begin.exec(lines[start] ?? '')?.[1];
  if (label === undefined) throw bad('there is no line that begins an armored block');
  let next = start + 1;
  while (header.test(lines[next] ?? '')) next++;
  if (lines[next] !== '') throw bad('the armor has no blank line after its headers');
  const end = lines.indexOf(`-----END ${label}-----`, next);
  if (end < 0) throw bad('the armored block has no end');
  const last = lines[end - 1] ?? '';
  const hasChecksum = checksumLine.test(last);
  const content = decodeBase64(lines.slice(next + 1, hasChecksum ? end - 1 : end).join(''));
  if (content === undefined) throw bad('the armor is not canonical base64');
  if (hasChecksum && Buffer.from(last.slice(1), 'base64').readUIntBE(0, 3) !== checksum(content)) {
    throw bad('the checksum of the armor does not match');
  }
  return { block: { label, content }, end };
}

/** The lines of an armored text, without the spaces that mail and editors leave at their ends. */
export function linesOf(text: string): string[] {
  const lines = text.split('\n').map((line) => line.replace(/[ \t\r]{1,100}$/, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Decodes canonical, padded base64 (RFC 4648, section 4); undefined for anything that another text would decode to. */
function decodeBase64(text: string): Buffer | undefined {
  if (text === '' || text.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}

const checksumTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte << 16;
  for (let bit = 0; bit < 8; bit++) value = (value << 1) ^ (value & 0x800000 ? 0x1864cfb : 0);
  return value & 0xffffff;
});

/** CRC-24 by the polynomial of RFC 9580, section 6.1. */
function checksum(bytes: Buffer): number {
  let value = 0xb704ce;
  for (const byte of bytes) {
    value = ((value << 8) & 0xffffff) ^ (checksumTable[(value >> 16) ^ byte] as number);
  }
  return value;
}
