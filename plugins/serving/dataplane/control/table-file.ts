import { readFile } from 'node:fs/promises';
import { tableUnreadable } from '../errors/process-errors.ts';
import { parseRoutingTable } from '../interface/check-routing-table.ts';
import type { RoutingTable } from '../interface/routing-table.ts';

/**
 * Reads the last table that control wrote. Undefined where there is none. Throws `TableUnreadable` or
 * `InvalidRoutingTable`.
 */
export async function readTableFile(path: string): Promise<RoutingTable | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw tableUnreadable(path, error);
  }
  return parseRoutingTable(text);
}
