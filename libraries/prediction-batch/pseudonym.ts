import { createHmac } from 'node:crypto';

/** The domain of whom predictions are about: who is to be erased is found by it. */
export const subjectDomain = 'subject';

/** 128 bits of an HMAC, as 22 letters. `domain` keeps equal values of different columns from being recognised as equal. */
export function pseudonymOf(key: Buffer, domain: string, value: string): string {
  const digest = createHmac('sha256', key).update(`${domain}\0${value}`).digest();
  return digest.subarray(0, 16).toString('base64url');
}
