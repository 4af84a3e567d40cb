import { randomBytes } from 'node:crypto';
import { SopsError } from './error.ts';

/**
 * Shamir's secret sharing, a byte at a time, in the field of AES. A part holds the value of each byte's polynomial at its
 * own x, which is its last byte; the secret is what the polynomials have at 0.
 */
export function splitSecret(secret: Uint8Array, parts: number, threshold: number): readonly Uint8Array[] {
  if (threshold < 2 || threshold > parts || parts > 255) {
    throw new SopsError(
      'malformed',
      `a secret cannot be split in ${parts} parts of which ${threshold} suffice`,
    );
  }
  const all = Array.from({ length: parts }, (_, index) => {
    const part = new Uint8Array(secret.length + 1);
    part[secret.length] = index + 1;
    return part;
  });
  for (const [at, byte] of secret.entries()) {
    const coefficients = [byte, ...randomBytes(threshold - 1)];
    for (const part of all) part[at] = valueAt(coefficients, part[secret.length] ?? 0);
  }
  return all;
}

export function combineParts(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  const length = (first?.length ?? 0) - 1;
  const places = parts.map((part) => part[length] ?? 0);
  if (
    length < 1 ||
    parts.some((part) => part.length !== length + 1) ||
    new Set(places).size < places.length
  ) {
    throw new SopsError('tampered', 'the parts of the data key do not fit together');
  }
  return Uint8Array.from({ length }, (_, at) => {
    let sum = 0;
    for (const [index, part] of parts.entries()) {
      let weight = part[at] ?? 0;
      const mine = places[index] ?? 0;
      for (const [other, theirs] of places.entries()) {
        if (other !== index) weight = times(weight, times(theirs, inverse(theirs ^ mine)));
      }
      sum ^= weight;
    }
    return sum;
  });
}

function valueAt(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((value, coefficient) => times(value, x) ^ coefficient, 0);
}

/** Without a branch or a table: the time that it takes tells nothing of the bytes. */
function times(a: number, b: number): number {
  let product = 0;
  for (let bit = 7; bit >= 0; bit--) {
    product = ((product << 1) ^ (-(product >> 7) & 0x11b)) & 0xff;
    product ^= -((b >> bit) & 1) & a;
  }
  return product;
}

/** a to the power of 254, since every byte but 0 to the power of 255 is 1. */
function inverse(a: number): number {
  let power = a;
  let result = 1;
  for (let bit = 1; bit < 8; bit++) {
    power = times(power, power);
    result = times(result, power);
  }
  return result;
}
