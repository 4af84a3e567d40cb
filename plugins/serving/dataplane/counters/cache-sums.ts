/** How often answers of one version were found, and how long looking took. */
import { latencyBounds } from '../interface/latency-bounds.ts';
import type { CacheSnapshot } from '../interface/process-metrics.ts';
import { Histogram } from './histogram.ts';

export class CacheSums {
  readonly seconds = new Histogram(latencyBounds);
  #hits = 0;
  #hitMs = 0;
  #shared = 0;
  #misses = 0;
  #missMs = 0;

  lookedUp(found: 'hit' | 'shared' | 'miss', milliseconds: number): void {
    if (found === 'hit') {
      this.#hits++;
      this.#hitMs += milliseconds;
    } else if (found === 'shared') this.#shared++;
    else {
      this.#misses++;
      this.#missMs += milliseconds;
    }
  }

  snapshot(): CacheSnapshot {
    return {
      ...{ hits: this.#hits, hitMs: this.#hitMs, shared: this.#shared },
      ...{ misses: this.#misses, missMs: this.#missMs, seconds: this.seconds.counted() },
    };
  }
}
