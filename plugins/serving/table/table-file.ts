/**
 * The routing table on disk. Inference processes and control both begin from it, so it is replaced whole or not at all.
 */
import { readFile, rename } from 'node:fs/promises';
import { parseRoutingTable } from '../dataplane/interface/check-routing-table.ts';
import type { RoutingTable } from '../dataplane/interface/routing-table.ts';

/** The table that was written last; undefined where there is none. Throws `InvalidRoutingTable`, or what the disk says. */
export async function readTable(path: string): Promise<RoutingTable | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return parseRoutingTable(text);
}

/** Puts a table that cannot be read out of the way, where a human can look at it. Gives its new path. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.broken`;
  await rename(path, aside);
  return aside;
}
