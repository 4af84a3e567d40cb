/**
 * Several worker threads of one version: a run goes to the one that has least to do. One that ends unasked is replaced
 * while the others go on; only when none is left is the version lost.
 */
import { workerLost } from '../errors/run-errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Executor } from './executor.ts';
import type { VersionThread } from './version-thread.ts';

export interface ReplicasOptions {
  /** Ready already. */
  readonly threads: readonly VersionThread[];
  /** A thread ended, and others are left: told before its runs are rejected. */
  readonly onReplicaLost: (lost: Error, thread: VersionThread) => void;
  /** Starts another thread, which is used once it is ready. Rejects where it cannot be. */
  readonly another: () => Promise<VersionThread>;
  /** None is left: told before the runs of the last one are rejected. */
  readonly onLost: (lost: Error, thread: VersionThread) => void;
  /** Milliseconds until a thread that could not be started is tried again. */
  readonly retryMs?: number;
}

interface Replica {
  readonly thread: VersionThread;
  runs: number;
  /** When it began what it does now. */
  since: number;
}

export class Replicas implements Executor {
  readonly placement = 'worker';
  readonly #options: ReplicasOptions;
  readonly #replicas: Replica[] = [];
  readonly #starting = new Set<Promise<void>>();
  readonly #retries = new Set<NodeJS.Timeout>();
  #isClosing = false;

  constructor(options: ReplicasOptions) {
    this.#options = options;
    for (const thread of options.threads) this.#add(thread);
  }

  get width(): number {
    return Math.max(1, this.#replicas.length);
  }

  async run(inputs: readonly Tensor[], isCopy: boolean): Promise<readonly Tensor[]> {
    const replica = this.#leastBusy();
    if (replica === undefined) throw workerLost('no replica is left');
    if (replica.runs === 0) replica.since = performance.now();
    replica.runs++;
    try {
      return await replica.thread.run(inputs, isCopy);
    } finally {
      replica.runs--;
      replica.since = performance.now();
    }
  }

  /** Of the replica that has been at its run for longest: the others may well come back. */
  giveUp(): void {
    let longest: Replica | undefined;
    for (const replica of this.#replicas) {
      if (replica.runs > 0 && (longest === undefined || replica.since < longest.since)) longest = replica;
    }
    longest?.thread.giveUp();
  }

  async close(): Promise<void> {
    this.#isClosing = true;
    for (const retry of this.#retries) clearTimeout(retry);
    await Promise.allSettled(this.#starting);
    await Promise.all(this.#replicas.map(({ thread }) => thread.close()));
  }

  #leastBusy(): Replica | undefined {
    let least = this.#replicas[0];
    for (const replica of this.#replicas) if (replica.runs < least!.runs) least = replica;
    return least;
  }

  #add(thread: VersionThread): void {
    const replica: Replica = { thread, runs: 0, since: 0 };
    this.#replicas.push(replica);
    thread.onLost = (lost) => {
      this.#replicas.splice(this.#replicas.indexOf(replica), 1);
      if (this.#isClosing) return;
      if (this.#replicas.length === 0) {
        // Whoever owns it loads the version anew, with all its replicas.
        this.#isClosing = true;
        for (const retry of this.#retries) clearTimeout(retry);
        this.#options.onLost(lost, thread);
      } else {
        this.#options.onReplicaLost(lost, thread);
        this.#startAnother();
      }
    };
  }

  #startAnother(): void {
    const starting = this.#options
      .another()
      .then(
        async (thread) => {
          if (this.#isClosing) await thread.close();
          else this.#add(thread);
        },
        () => this.#retryLater(),
      )
      .finally(() => this.#starting.delete(starting));
    this.#starting.add(starting);
  }

  #retryLater(): void {
    if (this.#isClosing) return;
    const retry = setTimeout(() => {
      this.#retries.delete(retry);
      this.#startAnother();
    }, this.#options.retryMs ?? 5_000).unref();
    this.#retries.add(retry);
  }
}
