/** Runs requests together, and gives each its own rows back; or each alone, where they do not fit together. */
import type { LaneObserver } from '../counters/lane-observer.ts';
import { joinRows, splitRows } from '../run/batch.ts';
import type { Executor } from '../run/executor.ts';
import type { Tensor } from '../tensor/tensor.ts';
import type { BegunRun } from './forecast.ts';
import { type Pending, rowsIn, settle } from './pending.ts';
import { JoinedOutputs, nextSlice, rowsBetween } from './slices.ts';
import { failed, tracedRun } from './traced-run.ts';

export class Runner {
  readonly #observer: LaneObserver;
  readonly #putBack: (pending: readonly Pending[]) => void;

  /** `putBack` takes what is to be run once more. */
  constructor(observer: LaneObserver, putBack: (pending: readonly Pending[]) => void) {
    this.#observer = observer;
    this.#putBack = putBack;
  }

  /** Runs a batch, and with it what `more` gives until the model reads its inputs. */
  async runLate(
    batch: Pending[],
    executor: Executor,
    run: BegunRun,
    more: (begun: readonly Pending[]) => readonly Pending[],
  ): Promise<void> {
    let taken = run.since;
    let began = taken;
    let outputs: readonly Tensor[] | undefined;
    let problem: unknown;
    try {
      outputs = await executor.runLate!(() => {
        taken = performance.now();
        batch.push(...more(batch));
        const { inputs } = joinRows(batch.map((pending) => pending.inputs));
        began = batch.length === 1 ? taken : performance.now();
        return inputs;
      });
    } catch (error) {
      problem = error;
    }
    const ended = performance.now();
    run.rows = rowsIn(batch);
    this.tellWaits(batch, taken);
    this.#observer.ran(run.rows);
    const traced = tracedRun(batch, run.rows, taken);
    if (traced !== undefined) {
      traced.began = began;
      if (outputs === undefined) failed(traced, problem);
      else traced.ended = ended;
    }
    if (outputs === undefined && batch.length === 1) {
      settle(batch[0]!, problem as Error);
      return;
    }
    const rows = batch.map((pending) => pending.rows);
    const parts = outputs && (batch.length === 1 ? [outputs] : splitRows(outputs, rows));
    if (parts === undefined) return this.#runEach(batch, executor);
    const settled = performance.now();
    if (traced !== undefined) traced.settled = settled;
    for (let index = 0; index < batch.length; index++) settle(batch[index]!, parts[index]!);
    this.#observer.took(run.rows, batch.length, began - taken, ended - began, settled - ended);
  }

  /** Runs a batch. `onOver` is called before it is answered: the executor need not wait for that. */
  async run(batch: readonly Pending[], executor: Executor, since: number, onOver: () => void): Promise<void> {
    if (batch.length === 1) return this.#runAlone(batch[0]!, executor, since);
    const rows = batch.map((pending) => pending.rows);
    const sum = rowsIn(batch);
    this.#observer.ran(sum);
    const traced = tracedRun(batch, sum);
    try {
      const { inputs, isCopy } = joinRows(batch.map((pending) => pending.inputs));
      const began = performance.now();
      if (traced !== undefined) traced.began = began;
      const outputs = await executor.run(inputs, isCopy);
      const ended = performance.now();
      if (traced !== undefined) traced.ended = ended;
      const parts = splitRows(outputs, rows);
      if (parts !== undefined) {
        const settled = performance.now();
        if (traced !== undefined) traced.settled = settled;
        onOver();
        for (let index = 0; index < batch.length; index++) settle(batch[index]!, parts[index]!);
        this.#observer.took(sum, batch.length, began - since, ended - began, settled - ended);
        return;
      }
    } catch (error) {
      if (traced !== undefined) failed(traced, error);
      if (isLost(error)) return this.#runAgain(batch, error as Error);
    }
    await this.#runEach(batch, executor);
  }

  /** Runs a request of more rows than `least`, slice by slice; all at once where its outputs cannot be put together. */
  async runSliced(pending: Pending, executor: Executor, since: number, least: number): Promise<void> {
    const { placement } = executor;
    const traced = pending.trace === undefined ? undefined : tracedRun([pending], pending.rows);
    const joined = new JoinedOutputs(pending.rows);
    let isJoined = true;
    try {
      for (let rows = least; isJoined && joined.rows < pending.rows; ) {
        // Its time is over: nobody waits for the rest.
        if (pending.isSettled) break;
        rows = Math.min(rows, pending.rows - joined.rows);
        this.#observer.ran(rows);
        const began = performance.now();
        const slice = rowsBetween(pending.inputs, joined.rows, joined.rows + rows);
        isJoined = joined.add(await executor.run(slice, false), rows);
        rows = nextSlice(rows, performance.now() - began, placement, least);
      }
    } catch (error) {
      if (traced !== undefined) failed(traced, error);
      if (isLost(error)) this.#runAgain([pending], error as Error);
      else settle(pending, error as Error);
      return;
    }
    const ended = performance.now();
    if (traced !== undefined) traced.ended = ended;
    if (!isJoined) return this.#runAlone(pending, executor, since);
    if (pending.isSettled) return;
    settle(pending, joined.whole);
    this.#observer.took(pending.rows, 1, 0, ended - since, 0);
  }

  async #runEach(batch: readonly Pending[], executor: Executor): Promise<void> {
    for (const pending of batch) {
      if (!pending.isSettled) await this.#runAlone(pending, executor, performance.now());
    }
  }

  async #runAlone(pending: Pending, executor: Executor, since: number): Promise<void> {
    this.#observer.ran(pending.rows);
    const traced = pending.trace === undefined ? undefined : tracedRun([pending], pending.rows);
    try {
      const outputs = await executor.run(pending.inputs, false);
      const ended = performance.now();
      if (traced !== undefined) traced.ended = ended;
      settle(pending, outputs);
      this.#observer.took(pending.rows, 1, 0, ended - since, 0);
    } catch (error) {
      if (traced !== undefined) failed(traced, error);
      if (isLost(error)) this.#runAgain([pending], error as Error);
      else settle(pending, error as Error);
    }
  }

  /** A run changes nothing, so what a lost thread had is given to the next one, once. */
  #runAgain(batch: readonly Pending[], error: Error): void {
    const again: Pending[] = [];
    for (const pending of batch) {
      if (pending.isSettled) continue;
      if (pending.wasRetried) settle(pending, error);
      else {
        pending.wasRetried = true;
        again.push(pending);
      }
    }
    this.#putBack(again);
  }

  /** They left the queue then, for one run. */
  tellWaits(batch: readonly Pending[], taken: number): void {
    for (const { arrived, watch } of batch) {
      this.#observer.waited(taken - arrived);
      watch?.ran(taken - arrived, rowsIn(batch));
    }
  }
}

function isLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'WorkerLost';
}
