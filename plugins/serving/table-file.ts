/**
 * The routing table on disk. Inference processes and control both begin from it, so it is replaced whole or not at all.
 */
import { type FileHandle, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseRoutingTable, type RoutingTable } from './dataplane/routing-table.ts';

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

/** Replaces the table. When this resolves, it survives a power cut; when it throws, the one before is untouched. */
export async function writeTable(path: string, text: string): Promise<void> {
  const draft = `${path}.${process.pid}.draft`;
  try {
    const file = await open(draft, 'w', 0o600);
    await whileOpen(file, async () => {
      await file.writeFile(text);
      await file.sync();
    });
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
  if (process.platform === 'win32') return;
  const folder = await open(dirname(path), 'r');
  await whileOpen(folder, () => folder.sync());
}

/** Puts a table that cannot be read out of the way, where a human can look at it. Gives its new path. */
export async function setAside(path: string): Promise<string> {
  const aside = `${path}.broken`;
  await rename(path, aside);
  return aside;
}

async function whileOpen(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await file.close();
  }
}
