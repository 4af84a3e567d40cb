/** Of each bucket of latencies, the newest request that was traced: where to look for what took so long. */
import { exposedLatencyBounds } from '../interface/latency-bounds.ts';
import type { Exemplar, ExemplarSnapshot } from '../interface/process-metrics.ts';

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
