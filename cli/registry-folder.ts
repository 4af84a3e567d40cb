import { realpath } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { exists } from './exists.ts';

/**
 * The Git repository that a folder is in: the folder above it that holds `.git`, or a bare repository. Symbolic links
 * are followed, so that one repository has one path. Undefined where there is none.
 */
export async function findRegistry(folder: string): Promise<string | undefined> {
  let current: string;
  try {
    current = await realpath(resolve(folder));
  } catch {
    return undefined;
  }
  for (;;) {
    if ((await exists(join(current, '.git'))) || (await isBare(current))) return current;
    const above = dirname(current);
    if (above === current) return undefined;
    current = above;
  }
}

/** Whether the folder itself is a repository without a work tree. */
export async function isBare(folder: string): Promise<boolean> {
  for (const name of ['HEAD', 'objects', 'refs']) {
    if (!(await exists(join(folder, name)))) return false;
  }
  return true;
}
