import { createHash, timingSafeEqual } from 'node:crypto';
import { canonical } from './plain-value.ts';
import type { TypedText } from './value-cipher.ts';

/** So that a MAC over encrypted values alone is never one over all of them: the SHA-256 of `sops`. */
const onlyEncrypted = createHash('sha256').update('sops').digest();

/** The MAC of a file: over its values in their order. Keys are authenticated with each value. */
export function macOf(
  values: Iterable<{ readonly value: TypedText | undefined; readonly isEncrypted: boolean }>,
  macOnlyEncrypted: boolean,
): string {
  const hash = createHash('sha512');
  if (macOnlyEncrypted) hash.update(onlyEncrypted);
  for (const { value, isEncrypted } of values) {
    if (value === undefined || value.type === 'comment') continue;
    if (isEncrypted || !macOnlyEncrypted) hash.update(canonical(value));
  }
  return hash.digest('hex').toUpperCase();
}

export function isSameMac(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
