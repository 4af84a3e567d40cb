/**
 * MurmurHash3, the 32-bit variant for x86 (Austin Appleby, public domain): fast and evenly spread, the same everywhere and
 * for ever. Not for secrets.
 */

/** The hash of a text's UTF-8 bytes: a whole number from 0 to 2^32 - 1. */
export function murmurHash(text: string, seed = 0): number {
  return murmurHashOfBytes(Buffer.from(text, 'utf8'), seed);
}

/** The hash of bytes. */
export function murmurHashOfBytes(bytes: Uint8Array, seed = 0): number {
  let hash = seed >>> 0;
  const blocks = bytes.length & ~3;
  for (let at = 0; at < blocks; at += 4) {
    const block = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
    hash ^= scramble(block);
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let tail = 0;
  for (let at = bytes.length - 1; at >= blocks; at -= 1) tail = (tail << 8) | bytes[at]!;
  if (blocks < bytes.length) hash ^= scramble(tail);
  return mix(hash ^ bytes.length);
}

function scramble(block: number): number {
  const product = Math.imul(block, 0xcc9e2d51);
  return Math.imul((product << 15) | (product >>> 17), 0x1b873593);
}

/** Lets every bit of the input turn about half of the bits of the result. */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
