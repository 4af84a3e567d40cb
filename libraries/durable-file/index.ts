/** Files that survive a power cut: there whole, or not at all. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';

/** When this resolves, the text survives; when it throws, what was there before is untouched. */
export async function writeDurably(path: string, text: string): Promise<void> {
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
  await syncFolder(dirname(path));
}

/**
 * Puts a draft, which was written to its end and synced, in the place of a file of the same folder. When this resolves, it
 * survives there; when the draft cannot be moved, both are as they were.
 */
export async function putInPlace(draft: string, path: string): Promise<void> {
  await rename(draft, path);
  await syncFolder(dirname(path));
}

/**
 * Replaces a file at once, whole or not at all: whoever reads it from now on reads this text, also when this process is killed
 * right after. Only a power cut may take it back, or leave neither text, until `settleFile` has resolved. It waits for no disk
 * and for no other work of this process, so it is for small files that are in a hurry. When it throws, what was there before is
 * untouched.
 */
export function replaceFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}.new`;
  try {
    writeFileSync(draft, text, { mode: 0o600 });
    renameSync(draft, path);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
}

/** When this resolves, what `replaceFile` wrote survives a power cut. */
export async function settleFile(path: string): Promise<void> {
  const file = await open(path, 'r+');
  await whileOpen(file, () => file.sync());
  await syncFolder(dirname(path));
}

/** When this resolves, the file stays gone. What is gone already is no error. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncFolder(dirname(path));
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  await whileOpen(folder, () => folder.sync());
}

async function whileOpen(file: FileHandle, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } finally {
    await file.close();
  }
}
