/** Answers of one version by what it gave for the same inputs before. */
import type { LaneObserver } from '../counters/lane-observer.ts';
import { keyReader } from '../http/key-reader.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { ServedDeployment } from '../interface/routing-table.ts';
import type { Turn } from '../lane/turn.ts';
import type { Tensor } from '../tensor/tensor.ts';
import { inputKey } from './input-key.ts';
import type { ResponseCache } from './response-cache.ts';

/** `hit`: it was kept. `shared`: a run that was under way already gave it. `miss`: it was run. */
export type Found = 'hit' | 'shared' | 'miss';

export class CachedVersion {
  readonly #cache: ResponseCache;
  /** The name and the bytes of the version: another one under the same name shares nothing with it. */
  readonly #whose: string;
  readonly #tenantOf: ((request: RequestFacts) => string | undefined) | undefined;
  readonly #running = new Map<string, Promise<readonly Tensor[]>>();

  constructor(cache: ResponseCache, entry: ServedDeployment, version: string) {
    this.#cache = cache;
    const digest = entry.versions.find((one) => one.version === version)?.digest;
    this.#whose = JSON.stringify([entry.model, version, digest]);
    const tenant = entry.logging?.tenant;
    this.#tenantOf = tenant && keyReader(tenant);
  }

  /** Rejects as `run` does. A run that fails is nobody's but its own: those who waited for it run for themselves. */
  async outputs(
    request: RequestFacts & { readonly turn: Turn },
    inputs: readonly Tensor[],
    run: () => Promise<readonly Tensor[]>,
    observer: LaneObserver,
  ): Promise<{ readonly outputs: readonly Tensor[]; readonly found: Found }> {
    const began = performance.now();
    const tenant = this.#tenantOf?.(request);
    const key = inputKey(tenant === undefined ? this.#whose : JSON.stringify([this.#whose, tenant]), inputs);
    const kept = this.#cache.find(key);
    if (kept !== undefined) {
      observer.lookedUp('hit', performance.now() - began);
      return { outputs: kept, found: 'hit' };
    }
    // Who has a deadline or a priority of its own cannot wait for another's.
    const { deadline, priority } = request.turn;
    const isPlain = deadline === undefined && priority === undefined;
    const running = isPlain ? this.#running.get(key) : undefined;
    const shared = running && (await running.catch(() => undefined));
    if (shared !== undefined) {
      observer.lookedUp('shared', 0);
      return { outputs: shared, found: 'shared' };
    }
    const lookedUp = performance.now() - began;
    const outputs = await this.#run(key, run, isPlain && running === undefined);
    const given = performance.now();
    this.#cache.keep(key, outputs);
    observer.lookedUp('miss', (running === undefined ? lookedUp : 0) + performance.now() - given);
    return { outputs, found: 'miss' };
  }

  async #run(
    key: string,
    run: () => Promise<readonly Tensor[]>,
    isShared: boolean,
  ): Promise<readonly Tensor[]> {
    const running = run();
    if (!isShared) return running;
    this.#running.set(key, running);
    try {
      return await running;
    } finally {
      this.#running.delete(key);
    }
  }
}
