import { randomFillSync } from 'node:crypto';

const digits = Buffer.from('0123456789abcdef');
/** What a digit may be that begins with the two bits of the variant. */
const variants = Buffer.from('89ab');
/** The last id. What belongs to its millisecond stays until that is over. */
const id = Buffer.from('00000000-0000-7000-8000-000000000000');
/** Where digits are random in full. */
const random = Uint8Array.of(15, 16, 17, 20, 21, 22, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35);
const variant = 19;
/** A byte for two digits, and one for the variant. */
const perId = random.length / 2 + 1;
const pool = new Uint8Array(256 * perId);
let used = pool.length;
let millisecond = 0;

/**
 * A UUIDv7 (RFC 9562): ids sort by the millisecond of their prediction. Every request takes one. So randomness is drawn for many
 * at once, and digits are written over those of the last id instead of being put together as texts.
 */
export function newPredictionId(): string {
  const now = Date.now();
  if (now !== millisecond) {
    millisecond = now;
    const written = now.toString(16).padStart(12, '0');
    id.write(`${written.slice(0, 8)}-${written.slice(8)}`, 'latin1');
  }
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  for (let index = 0; index < random.length; index += 2) {
    const byte = pool[used++]!;
    id[random[index]!] = digits[byte >> 4]!;
    id[random[index + 1]!] = digits[byte & 15]!;
  }
  id[variant] = variants[pool[used++]! & 3]!;
  return id.toString('latin1');
}
