/** Of each bucket of latencies, the newest request that was traced: where to look for what took so long. */
import { exposedLatencyBounds } from './latency-bounds.ts';

export interface Exemplar {
  readonly traceId: string;
  readonly seconds: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** By bucket of `exposedLatencyBounds`, and one for what is above them all; null where there is none. */
export type ExemplarSnapshot = readonly (Exemplar | null)[];

export class Exemplars {
  readonly #newest: (Exemplar | null)[] = new Array(exposedLatencyBounds.length + 1).fill(null);

  note(seconds: number, traceId: string): void {
    const found = exposedLatencyBounds.findIndex((bound) => seconds <= bound);
    this.#newest[found < 0 ? exposedLatencyBounds.length : found] = { traceId, seconds, at: Date.now() };
  }

  snapshot(): ExemplarSnapshot {
    return [...this.#newest];
  }
}
