import type { RunSnapshot } from '../interface/process-metrics.ts';

/** Sizes beyond that are in the sums alone: a request of a thousand rows may be one of its kind. */
const mostSizes = 64;

type Size = [rows: number, runs: number, prepareMs: number, runMs: number, handOutMs: number];

/** Adds up what the runs of one version took. */
export class RunSums {
  #inferences = 0;
  #executions = 0;
  #lastInference = 0;
  #requests = 0;
  #prepareMs = 0;
  #runMs = 0;
  #handOutMs = 0;
  readonly #sizes = new Map<number, Size>();

  add(rows: number, requests: number, prepareMs: number, runMs: number, handOutMs: number): void {
    this.#inferences += rows;
    this.#executions++;
    this.#lastInference = Date.now();
    this.#requests += requests;
    this.#prepareMs += requests * prepareMs;
    this.#runMs += requests * runMs;
    this.#handOutMs += requests * handOutMs;
    let size = this.#sizes.get(rows);
    if (size === undefined) {
      if (this.#sizes.size === mostSizes) return;
      size = [rows, 0, 0, 0, 0];
      this.#sizes.set(rows, size);
    }
    size[1]++;
    size[2] += prepareMs;
    size[3] += runMs;
    size[4] += handOutMs;
  }

  snapshot(): RunSnapshot {
    return {
      inferences: this.#inferences,
      executions: this.#executions,
      lastInference: this.#lastInference,
      requests: this.#requests,
      prepareMs: this.#prepareMs,
      runMs: this.#runMs,
      handOutMs: this.#handOutMs,
      sizes: [...this.#sizes.values()].map((size) => [...size] as const),
    };
  }
}
