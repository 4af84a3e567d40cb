import { availableParallelism } from 'node:os';
import type { ServingSettings } from './settings.ts';

/**
 * Processors that worker threads leave to event loops that are asked: as the operator says, or one for each inference process, but
 * no more than a quarter of them and at least one.
 */
export function eventLoopProcessorsOf(
  { eventLoopProcessors }: Pick<ServingSettings, 'eventLoopProcessors'>,
  processes: number,
  processors = availableParallelism(),
): number {
  return eventLoopProcessors ?? Math.min(processes, Math.max(1, Math.floor(processors / 4)));
}
