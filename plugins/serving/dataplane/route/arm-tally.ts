import type { RequestFacts } from '../http/request-facts.ts';

/** Keys that are told apart: enough to see one arm of a hundred lose a tenth of its keys. */
const mostKeys = 50_000;

/**
 * How many units each version that weights lead to has answered: keys where those stay on one version, each once, else
 * requests. What should be shares can so be compared with what came of them.
 */
export class ArmTally {
  readonly #places: ((request: RequestFacts) => number | undefined) | undefined;
  readonly #seen = new Set<number>();
  readonly #counts: Map<string, number>;

  /** `places`: where the key of a request stands, in full; one without a key is no unit. */
  constructor(versions: readonly string[], places?: (request: RequestFacts) => number | undefined) {
    this.#counts = new Map(versions.map((version) => [version, 0]));
    this.#places = places;
  }

  answered(version: string, request: RequestFacts): void {
    const before = this.#counts.get(version);
    if (before === undefined) return;
    if (this.#places !== undefined) {
      const place = this.#places(request);
      if (place === undefined || this.#seen.has(place) || this.#seen.size >= mostKeys) return;
      this.#seen.add(place);
    }
    this.#counts.set(version, before + 1);
  }

  counts(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#counts);
  }
}
