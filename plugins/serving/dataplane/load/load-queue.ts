/** The versions that wait to be loaded, and how many are at once. What somebody waits for comes first. */
import type { Endings } from './endings.ts';
import type { PooledVersion } from './pooled-version.ts';

export interface LoadQueueOptions {
  /** Loads under way at once. */
  readonly parallelLoads: number;
  /** Loads a version whose turn has come. It tells the version how it went, and never rejects. */
  readonly load: (entry: PooledVersion) => Promise<void>;
  readonly endings: Endings;
}

export class LoadQueue {
  readonly #options: LoadQueueOptions;
  readonly #waiting: PooledVersion[] = [];
  #loading = 0;

  constructor(options: LoadQueueOptions) {
    this.#options = options;
  }

  enqueue(entry: PooledVersion): void {
    this.#waiting.push(entry);
    this.#startLoads();
  }

  /** Somebody waits for it: it comes before those that are only to be tried. */
  wake(entry: PooledVersion): void {
    const { status } = entry;
    if (status.state !== 'asleep' || status.isWaking) return;
    entry.mustLoad = true;
    entry.setStatus({ ...status, isWaking: true });
    const first = this.#waiting.findIndex(({ mustLoad }) => !mustLoad);
    this.#waiting.splice(first === -1 ? this.#waiting.length : first, 0, entry);
    this.#startLoads();
  }

  /** Nobody wants it any more. */
  remove(entry: PooledVersion): void {
    const waiting = this.#waiting.indexOf(entry);
    if (waiting >= 0) this.#waiting.splice(waiting, 1);
  }

  #startLoads(): void {
    const { parallelLoads, load, endings } = this.#options;
    while (this.#loading < parallelLoads) {
      const entry = this.#waiting.shift();
      if (entry === undefined) return;
      this.#loading++;
      const loading = load(entry);
      endings.add(loading);
      void loading.finally(() => {
        this.#loading--;
        this.#startLoads();
      });
    }
  }
}
