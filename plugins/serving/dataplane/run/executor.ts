import type { Placement } from '../routing-table.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Runs one loaded version. */
export interface Executor {
  readonly placement: Placement;
  /**
   * Runs the model on inputs in the order of its interface. Rejects with `InferenceFailed` where the model refuses them,
   * with `WorkerLost` where the thread ended under it: the same inputs may then be tried again. `isCopy` says that
   * nobody reads the inputs afterwards.
   */
  run(inputs: readonly Tensor[], isCopy: boolean): Promise<readonly Tensor[]>;
  /** Nobody waits any longer for a run that goes on. Where it can go on alone, whoever comes next gets another executor. */
  giveUp?(): void;
  /** Ends it and frees its memory. No run may be under way. */
  close(): Promise<void>;
}
