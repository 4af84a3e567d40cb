/** A version in a worker thread of its own: how it is started, run and ended, and what is known when it ends unasked. */
import type { Worker } from 'node:worker_threads';
import { SwitchyardError } from '../../../../core/plugin.ts';
import { runStuck } from '../errors/process-errors.ts';
import { inferenceFailed, workerLost } from '../errors/run-errors.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { Executor } from './executor.ts';
import type { FromThread, ThreadData, ToThread } from './thread-messages.ts';
import { transferable } from './thread-messages.ts';

export type StartWorker = (data: ThreadData) => Worker;
export type ThreadReady = Extract<FromThread, { type: 'ready' }>;

interface Run {
  resolve(outputs: readonly Tensor[]): void;
  reject(error: Error): void;
}

export class VersionThread implements Executor {
  readonly placement = 'worker';
  /** What the trial found. Rejects with the reason why the version cannot be served. */
  readonly ready: Promise<ThreadReady>;
  /** Called when the thread ends unasked, before the runs that it had are rejected. */
  onLost: ((error: Error) => void) | undefined;
  readonly #ended: Promise<void>;
  readonly #worker: Worker;
  readonly #runs = new Map<number, Run>();
  #nextRun = 0;
  #isClosing = false;
  #hasEnded = false;
  #lost: Error | undefined;

  constructor(data: ThreadData, startWorker: StartWorker) {
    this.#worker = startWorker(data);
    let settle: { resolve(ready: ThreadReady): void; reject(error: Error): void };
    this.ready = new Promise((resolve, reject) => {
      settle = { resolve, reject };
    });
    this.ready.catch(() => {});
    this.#worker.on('message', (message: FromThread) => {
      if (message.type === 'ready') settle.resolve(message);
      else if (message.type === 'failed') {
        this.#isClosing = true;
        settle.reject(new SwitchyardError(message.code, message.message));
      } else this.#finish(message);
    });
    let thrown: Error | undefined;
    this.#worker.on('error', (error) => {
      thrown = error;
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.on('exit', (code) => {
        const reason = thrown?.message ?? `it ended with code ${code}`;
        const lost = workerLost(reason);
        const isNews = !this.#isClosing && this.#lost === undefined;
        this.#hasEnded = true;
        this.#lost ??= lost;
        settle.reject(lost);
        if (isNews) this.onLost?.(lost);
        for (const run of this.#runs.values()) run.reject(lost);
        this.#runs.clear();
        resolve();
      });
    });
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  run(inputs: readonly Tensor[], isCopy: boolean): Promise<readonly Tensor[]> {
    if (this.#lost !== undefined) return Promise.reject(this.#lost);
    const owned = isCopy ? inputs : inputs.map(copy);
    const id = this.#nextRun++;
    return new Promise((resolve, reject) => {
      this.#runs.set(id, { resolve, reject });
      this.#post({ type: 'run', id, inputs: owned }, transferable(owned));
    });
  }

  /** What waits behind the run that does not end is given to another thread; this one cannot be ended, and is left. */
  giveUp(): void {
    if (this.#lost !== undefined || this.#isClosing) return;
    this.#lost = workerLost('a run before it does not end');
    this.onLost?.(runStuck());
    for (const run of this.#runs.values()) run.reject(this.#lost);
    this.#runs.clear();
  }

  async close(): Promise<void> {
    if (!this.#isClosing && !this.#hasEnded) {
      this.#isClosing = true;
      this.#post({ type: 'close' }, []);
    }
    await this.#ended;
  }

  #finish(message: Extract<FromThread, { type: 'outputs' | 'error' }>): void {
    const run = this.#runs.get(message.id);
    this.#runs.delete(message.id);
    if (message.type === 'outputs') run?.resolve(message.outputs);
    else run?.reject(inferenceFailed(message.message));
  }

  #post(message: ToThread, transfer: ArrayBuffer[]): void {
    this.#worker.postMessage(message, transfer);
  }
}

/** The originals stay with the request: if the thread is lost, they are sent to the next one. */
function copy(tensor: Tensor): Tensor {
  return { ...tensor, data: tensor.data.slice() };
}
