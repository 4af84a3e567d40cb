/** How a request is run: alone or in company, at once or late, whole or in slices, and beside how many others. Nothing of it is kept. */
import type { VersionStatus } from '../load/held-version.ts';
import type { Executor } from '../run/executor.ts';
import type { LaneSettings } from './admission.ts';
import type { Forecast } from './forecast.ts';
import type { Pending } from './pending.ts';
import { isToBeSliced } from './slices.ts';

type Ready = Extract<VersionStatus, { state: 'ready' }>;
type Batching = LaneSettings['batching'];

/** Runs that block the event loop one after the other take no longer than this, milliseconds. */
const longestBlock = 5;
const mostInlineRuns = 32;
/** A thread has its next run at hand when it ends one. */
const mostThreadRuns = 2;

/** How many runs may be under way at once, going by the request at the head of the queue. */
export function mostRuns(head: Pending, { placement, runMs, executor }: Ready, maxBatchSize: number): number {
  const { width = 1 } = executor;
  if (!isAlone(head, maxBatchSize)) return width;
  if (placement === 'worker') return width * mostThreadRuns;
  return Math.max(1, Math.min(mostInlineRuns, Math.floor(longestBlock / runMs)));
}

/** Whether what is run with the request may still be added to when the model reads its inputs. */
export function isLate(pending: Pending, executor: Executor, maxBatchSize: number): boolean {
  return executor.runLate !== undefined && !isAlone(pending, maxBatchSize);
}

/** Whether it has so many rows that others would wait for it for long. */
export function isSliced(
  { company, rows }: Pending,
  { placement }: Executor,
  maxBatchSize: number,
  forecast: Forecast,
): boolean {
  if (company === undefined || rows <= maxBatchSize) return false;
  return isToBeSliced(forecast.slices(rows, maxBatchSize), placement);
}

/** Whether those whom that run answers could share the next one. */
export function mayReturn(
  batch: readonly Pending[],
  { placement, width = 1 }: Executor,
  { maxBatchSize, maxDelayMs }: Batching,
): boolean {
  const isShared = batch[0]!.company === '' && maxBatchSize > 1;
  return isShared && maxDelayMs === 0 && placement === 'worker' && width === 1;
}

function isAlone(pending: Pending, maxBatchSize: number): boolean {
  return pending.company === undefined || maxBatchSize === 1;
}
