/** Reads the values of a routing table. Each throws `InvalidRoutingTable` with the pointer of what is wrong. */
import { SwitchyardError } from '../../../../core/plugin.ts';

export function record(value: unknown, at: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw invalidRoutingTable(at, `must be an object, is ${shown(value)}`);
}

export function list(value: unknown, at: string): unknown[] {
  if (Array.isArray(value)) return value;
  throw invalidRoutingTable(at, `must be a list, is ${shown(value)}`);
}

export function text(value: unknown, at: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalidRoutingTable(at, `must be a text that is not empty, is ${shown(value)}`);
}

export function integer(value: unknown, at: string, smallest: number): number {
  if (Number.isSafeInteger(value) && (value as number) >= smallest) return value as number;
  throw invalidRoutingTable(at, `must be a whole number from ${smallest} on, is ${shown(value)}`);
}

export function amount(value: unknown, at: string): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value;
  throw invalidRoutingTable(at, `must be a number from 0 on, is ${shown(value)}`);
}

export function shown(value: unknown): string {
  if (value === undefined) return 'missing';
  const json = JSON.stringify(value);
  return json.length > 60 ? `${json.slice(0, 57)}...` : json;
}

/** `pointer` is where in the table. */
export function invalidRoutingTable(pointer: string, message: string): SwitchyardError {
  return new SwitchyardError('InvalidRoutingTable', `routing table: ${pointer || '/'} ${message}`, {
    where: pointer,
  });
}
