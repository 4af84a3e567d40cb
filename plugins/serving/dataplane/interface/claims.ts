/**
 * Who answers which key, and what was answered: bounded in time, in number and in bytes. Control keeps one for all inference processes, and each
 * process one for itself.
 */

/** An answer as it was sent. */
export interface KeptAnswer {
  readonly status: number;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly text: string;
  /** What follows the text, as base64. */
  readonly binary?: readonly string[];
}

export type Claimed =
  /** Nobody was asked before: whoever claims it answers, and says so with `settle`. */
  | { readonly state: 'yours' }
  /** Another is being asked the same now. */
  | { readonly state: 'underway' }
  /** The key was used for another request. */
  | { readonly state: 'other' }
  | { readonly state: 'answered'; readonly answer: KeptAnswer };

export interface ClaimLimits {
  readonly windowMs: number;
  readonly keys: number;
  readonly bytes: number;
}

interface Claim {
  readonly fingerprint: string;
  readonly owner: unknown;
  readonly until: number;
  answer: KeptAnswer | undefined;
  bytes: number;
}

/** Ten minutes: retries come sooner, and tomorrow's request with the same key is another. */
export const claimLimits: ClaimLimits = { windowMs: 600_000, keys: 50_000, bytes: 32 * 1024 * 1024 };
/** Bytes of one answer that is kept. */
export const longestKept = 256 * 1024;
/** What a claim costs beside its answer. */
const perClaim = 300;

export class Claims {
  readonly #limits: ClaimLimits;
  readonly #now: () => number;
  /** The oldest first. */
  readonly #claims = new Map<string, Claim>();
  #bytes = 0;

  /** `now`: milliseconds of a clock that only goes forward. */
  constructor(limits: ClaimLimits = claimLimits, now: () => number = () => performance.now()) {
    this.#limits = limits;
    this.#now = now;
  }

  claim(key: string, fingerprint: string, owner: unknown): Claimed {
    this.#forget();
    const claim = this.#claims.get(key);
    if (claim === undefined) {
      const until = this.#now() + this.#limits.windowMs;
      this.#claims.set(key, { fingerprint, owner, until, answer: undefined, bytes: perClaim });
      this.#bytes += perClaim;
      this.#forget();
      return { state: 'yours' };
    }
    if (claim.fingerprint !== fingerprint) return { state: 'other' };
    return claim.answer === undefined ? { state: 'underway' } : { state: 'answered', answer: claim.answer };
  }

  /** The answer of whoever claimed it; undefined lets go of the key: the next one who is asked answers anew. */
  settle(key: string, owner: unknown, answer: KeptAnswer | undefined): void {
    const claim = this.#claims.get(key);
    if (claim === undefined || claim.owner !== owner || claim.answer !== undefined) return;
    if (answer === undefined) {
      this.#drop(key, claim);
      return;
    }
    const bytes = sizeOf(answer);
    claim.answer = answer;
    claim.bytes += bytes;
    this.#bytes += bytes;
    this.#forget();
  }

  /** Nobody hears of that owner again: what it has not answered is free. */
  gone(owner: unknown): void {
    for (const [key, claim] of this.#claims) {
      if (claim.owner === owner && claim.answer === undefined) this.#drop(key, claim);
    }
  }

  #forget(): void {
    const { keys, bytes } = this.#limits;
    const now = this.#now();
    for (const [key, claim] of this.#claims) {
      if (claim.until > now && this.#claims.size <= keys && this.#bytes <= bytes) return;
      this.#drop(key, claim);
    }
  }

  #drop(key: string, claim: Claim): void {
    this.#claims.delete(key);
    this.#bytes -= claim.bytes;
  }
}

function sizeOf({ text, headers, binary = [] }: KeptAnswer): number {
  let size = text.length;
  for (const one of headers) size += one.length;
  for (const one of binary) size += one.length;
  return size;
}
