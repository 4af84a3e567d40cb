import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeDurably } from '../../libraries/durable-file/index.ts';

/** Makes the key of pseudonyms where there is none. A file that is there is never replaced: what it made would mean nothing any more. */
export async function ensureKey(path: string): Promise<void> {
  try {
    await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await writeDurably(path, `${randomBytes(32).toString('hex')}\n`);
  }
}
