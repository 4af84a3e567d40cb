/** A request of a lane until it has its answer. */
import type { Tensor } from '../tensor/tensor.ts';
import type { RunWatch } from './run-watch.ts';
import type { LaneTrace } from './traced-run.ts';
import type { Queued } from './wait-queue.ts';

export interface Pending extends Queued {
  readonly inputs: readonly Tensor[];
  readonly deadline: number;
  /** Milliseconds that its client, or its deployment, gave it. */
  readonly allowedMs: number;
  /** By when its run was likely to have ended, going by what was known as it was taken in. */
  expected: number;
  resolve(outputs: readonly Tensor[]): void;
  reject(error: Error): void;
  isSettled: boolean;
  wasRetried: boolean;
  readonly trace: LaneTrace | undefined;
  readonly watch: RunWatch | undefined;
}

/** Whoever asked went away. */
export class AskerGone extends Error {}

export function settle(pending: Pending, result: readonly Tensor[] | Error): void {
  if (pending.isSettled) return;
  pending.isSettled = true;
  if (result instanceof Error) pending.reject(result);
  else pending.resolve(result);
}

export function rowsIn(batch: readonly Pending[]): number {
  let rows = 0;
  for (const pending of batch) rows += pending.rows;
  return rows;
}
