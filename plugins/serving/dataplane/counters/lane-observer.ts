import type { ModelInterface } from '../protocol/model-interface.ts';
import type { Tensor } from '../tensor/tensor.ts';

/** Counts what goes through a lane. */
export interface LaneObserver {
  /** A run began, with so many rows. */
  ran(rows: number): void;
  /** A request left the queue after so many milliseconds, for a run or because its time was over. */
  waited(milliseconds: number): void;
  /** A run gave answers: how long it took to make its inputs ready, to run, and to hand its outputs out. */
  took(rows: number, requests: number, prepareMs: number, runMs: number, handOutMs: number): void;
  /** A request was answered with this HTTP status, so many seconds after it was read. */
  answered(status: number, seconds: number): void;
  /** An answer was looked for in the cache: how that ended, and what looking and keeping took. */
  lookedUp(found: 'hit' | 'shared' | 'miss', milliseconds: number): void;
  /** An answer that was kept took so long: `answered` has it, too, but no run had a part in it. */
  hit(seconds: number): void;
  /** What took so long was traced, and is sent to whoever keeps traces. */
  traced(seconds: number, traceId: string): void;
  /** A request left before its turn: whoever asked had gone away. */
  left(): void;
  /** These outputs, in the order of the model's, were the answer to a request; or were to be, and could not be written down. */
  gave(model: ModelInterface, outputs: readonly Tensor[], isWritten: boolean): void;
  /** As a shadow, it gave an answer that is so far from stable's: see `answerDistance`. */
  differed(distance: number): void;
  /** The lane has answered its last request. */
  over(): void;
}
