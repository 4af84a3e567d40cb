/** Gives each key the same option always: a pure function of key, salt and weights, with no state to lose. */
import type { TrafficRules } from '../../../../core/capabilities/serving-runtime.ts';
import { murmurHash } from '../../../../libraries/murmur-hash/index.ts';
import { keyReader } from '../http/key-reader.ts';
import type { RequestFacts } from '../http/request-facts.ts';

type Sticky = NonNullable<TrafficRules['sticky']>;

export class StickyChoice<Option> {
  readonly #keyOf: (request: RequestFacts) => string | undefined;
  readonly #salt: string;
  readonly #options: readonly { readonly option: Option; readonly below: number }[];

  /** Weights are whole and sum to 100. An option keeps the keys that it has when it and those before it only grow. */
  constructor(
    { by, salt }: Sticky,
    options: readonly { readonly option: Option; readonly weight: number }[],
  ) {
    this.#keyOf = keyReader(by);
    this.#salt = salt;
    let below = 0;
    this.#options = options.map(({ option, weight }) => {
      below += weight;
      return { option, below };
    });
  }

  /** Where the request's key stands, from 0 to below 100; undefined where it has none. */
  placeOf(request: RequestFacts): number | undefined {
    const key = this.#keyOf(request);
    return key === undefined || key === '' ? undefined : placeOf(key, this.#salt);
  }

  /** Undefined where the request has no key. */
  of(request: RequestFacts): Option | undefined {
    const place = this.placeOf(request);
    if (place === undefined) return undefined;
    for (const { option, below } of this.#options) if (place < below) return option;
    return undefined;
  }
}

/** Where a key stands among all, from 0 to below 100. */
export function placeOf(key: string, salt: string): number {
  return (murmurHash(`${salt}:${key}`) / 2 ** 32) * 100;
}
