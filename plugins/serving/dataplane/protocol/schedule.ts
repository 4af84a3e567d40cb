/** Parameters of a request that say when it is served: `timeout` and `priority`, as Triton has them. */
import { invalidRequest } from '../errors/request-errors.ts';

export interface Schedule {
  readonly timeoutMs: number | undefined;
  /** From 1 to 9. */
  readonly priority: number | undefined;
}

export const lowestPriority = 9;

/** Undefined where they say nothing. 0 says nothing. Throws `InvalidRequest`. */
export function scheduleIn(parameters: Readonly<Record<string, unknown>> | undefined): Schedule | undefined {
  if (parameters === undefined) return undefined;
  const timeout = whole(parameters.timeout, 'timeout', 'microseconds');
  const priority = whole(parameters.priority, 'priority', 'from 1, the highest, to 9');
  if (timeout === undefined && priority === undefined) return undefined;
  return { timeoutMs: timeout === undefined ? undefined : timeout / 1000, priority: inRange(priority) };
}

/** Whoever asks for a priority that is lower than the lowest has that. */
export function inRange(priority: number | undefined): number | undefined {
  return priority === undefined ? undefined : Math.min(lowestPriority, priority);
}

function whole(value: unknown, name: string, what: string): number | undefined {
  if (value === undefined || value === 0) return undefined;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0)
    throw invalidRequest(`"${name}" must be a whole number: ${what}`);
  return value;
}
