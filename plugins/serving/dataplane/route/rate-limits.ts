/** How many requests of one key a process takes: a bucket of tokens for each key that was seen. */
import { createHash } from 'node:crypto';
import type { RateLimit } from '../../../../core/capabilities/serving-runtime.ts';
import { rateLimited } from '../errors/route-errors.ts';
import { keyReader } from '../http/key-reader.ts';
import type { RequestFacts } from '../http/request-facts.ts';

/** Keys of a limit that are remembered; whose key was not seen for longest is forgotten first, and begins with a full bucket again. */
const mostKeys = 10_000;
/** Longer keys are kept as their digest. */
const longestKey = 64;

interface Bucket {
  readonly key: string;
  tokens: number;
  /** When it had so many. */
  at: number;
}

class Limit {
  readonly #limit: RateLimit;
  readonly #keyOf: (request: RequestFacts) => string | undefined;
  readonly #buckets = new Map<string, Bucket>();

  constructor(limit: RateLimit) {
    this.#limit = limit;
    this.#keyOf = limit.key === undefined ? () => '' : keyReader(limit.key);
  }

  /** The bucket of whoever asks, filled up. Requests without a key share one. */
  bucketOf(request: RequestFacts, now: number): Bucket {
    const key = shortened(this.#keyOf(request) ?? '');
    const { perSecond, burst } = this.#limit;
    const bucket = this.#buckets.get(key) ?? { key: copyOf(key), tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) * perSecond) / 1000);
    bucket.at = now;
    // The one that was used last is the last.
    this.#buckets.delete(key);
    this.#buckets.set(bucket.key, bucket);
    if (this.#buckets.size > mostKeys) this.#buckets.delete(this.#buckets.keys().next().value!);
    return bucket;
  }

  error({ tokens }: Bucket): Error {
    const { key, perSecond } = this.#limit;
    return rateLimited(perSecond, key !== undefined, ((1 - tokens) * 1000) / perSecond);
  }
}

export class RateLimits {
  readonly #limits: readonly Limit[];

  constructor(limits: readonly RateLimit[]) {
    this.#limits = limits.map((limit) => new Limit(limit));
  }

  /** Takes a token of each limit. Throws `RateLimited`, and takes none, where one has none left. */
  take(request: RequestFacts, now = performance.now()): void {
    const buckets: Bucket[] = [];
    for (const limit of this.#limits) {
      const bucket = limit.bucketOf(request, now);
      if (bucket.tokens < 1) throw limit.error(bucket);
      buckets.push(bucket);
    }
    for (const bucket of buckets) bucket.tokens--;
  }
}

/** In memory of its own: what was cut from a text, as headers are from a head, keeps all of it. */
function copyOf(key: string): string {
  return Buffer.from(key).toString();
}

function shortened(key: string): string {
  return key.length <= longestKey ? key : createHash('sha256').update(key).digest('base64');
}
