/** A source of uniform random numbers that gives the same ones for the same seed, on every machine. */
export interface Random {
  /** A whole number from 0 to 2^32 - 1. */
  word(): number;
  /** A number in [0, 1), in steps of 2^-32. */
  next(): number;
  /** A whole number from 0 to `bound` - 1. Unequal by at most `bound` / 2^32, which no sample here can show. */
  below(bound: number): number;
}

/**
 * xoshiro128** 1.1 by Blackman and Vigna ("Scrambled linear pseudorandom number generators", ACM TOMS 47, 2021), with a
 * period of 2^128 - 1. A seed is spread over its state by SplitMix32 (Steele, Lea and Flood's SplitMix with MurmurHash3's
 * finaliser), as its authors advise. Not for secrets.
 */
export function seededRandom(seed: number): Random {
  let mixed = seed | 0;
  const mix = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let word = mixed ^ (mixed >>> 16);
    word = Math.imul(word, 0x85ebca6b);
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
    return (word ^ (word >>> 16)) >>> 0;
  };
  return randomFrom([mix(), mix(), mix(), mix()]);
}

/** The same from a state of four words, not all zero. */
export function randomFrom(state: readonly [number, number, number, number]): Random {
  let [a, b, c, d] = state;
  const word = (): number => {
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = (d << 11) | (d >>> 21);
    return result;
  };
  return {
    word,
    next: () => word() / 2 ** 32,
    below: (bound) => Math.floor((word() / 2 ** 32) * bound),
  };
}
