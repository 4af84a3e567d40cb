/** When a request is to be served: what its headers say, and then its parameters. */
import { DurationError, parseDuration } from '../../../../libraries/duration/index.ts';
import { invalidRequest } from '../errors/request-errors.ts';
import type { RequestFacts } from '../http/request-facts.ts';
import type { Turn } from '../lane/turn.ts';
import { inRange, type Schedule } from '../protocol/schedule.ts';

/** `began`: when the request was whole, by `performance.now()`. Throws `InvalidRequest`. */
export function headersTurn(turn: Turn, { headers }: RequestFacts, began: number): void {
  const timeout = headers['switchyard-timeout'];
  const priority = headers['switchyard-priority'];
  if (timeout !== undefined) turn.allow(began, millisecondsOf(timeout));
  if (priority !== undefined) turn.priority = priorityOf(priority);
}

/** A header comes before a parameter; of two times the shorter holds. */
export function parametersTurn(turn: Turn, { timeoutMs, priority }: Schedule, began: number): void {
  if (timeoutMs !== undefined) turn.allow(began, timeoutMs);
  turn.priority ??= priority;
}

function millisecondsOf(header: string | readonly string[]): number {
  try {
    return parseDuration(String(header));
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
    throw invalidRequest(`Switchyard-Timeout: ${error.message.slice(0, 200)}`);
  }
}

function priorityOf(header: string | readonly string[]): number | undefined {
  const text = String(header);
  if (!/^[1-9]\d{0,5}$/.test(text))
    throw invalidRequest('Switchyard-Priority must be a whole number from 1, the highest, to 9');
  return inRange(Number(text));
}
