import type { Placement } from '../interface/routing-table.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Runs one loaded version. */
export interface Executor {
  readonly placement: Placement;
  /** Runs that it does side by side; absent: one. */
  readonly width?: number;
  /**
   * Runs the model on inputs in the order of its interface. Rejects with `InferenceFailed` where the model refuses them,
   * with `WorkerLost` where the thread ended under it: the same inputs may then be tried again. `isCopy` says that
   * nobody reads the inputs afterwards.
   */
  run(inputs: readonly Tensor[], isCopy: boolean): Promise<readonly Tensor[]>;
  /**
   * As `run`, on inputs that are taken when the model reads them, which is later in the turn of the event loop in which it is
   * called, or in the next. It may take several times: what `take` gives then begins with what it gave before, and the outputs are those of the
   * last. Absent where a run does not keep the event loop from doing anything else.
   */
  runLate?(take: () => readonly Tensor[]): Promise<readonly Tensor[]>;
  /** Nobody waits any longer for a run that goes on. Where it can go on alone, whoever comes next gets another executor. */
  giveUp?(): void;
  /** Ends it and frees its memory. No run may be under way. */
  close(): Promise<void>;
}
