import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import type { NewObject } from './object-id.ts';

const compress = promisify<Uint8Array, Buffer>(deflate);

/**
 * Writes one object beside the packs. It appears whole or not at all: a kill or a full disk leaves at most a temporary
 * file that `git gc` removes.
 */
export async function writeLooseObject(gitFolder: string, object: NewObject): Promise<void> {
  const folder = join(gitFolder, 'objects', object.id.slice(0, 2));
  const file = join(folder, object.id.slice(2));
  if (await isRenewed(file)) return;
  await mkdir(folder, { recursive: true });
  const header = Buffer.from(`${object.type} ${object.bytes.length}\0`, 'latin1');
  const draft = join(folder, `tmp_obj_${randomUUID()}`);
  try {
    const handle = await open(draft, 'wx', 0o444);
    try {
      await handle.writeFile(await compress(Buffer.concat([header, object.bytes])));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Whether it is there. It then counts as written now, so that a collection under way does not take it as old. */
async function isRenewed(file: string): Promise<boolean> {
  const now = new Date();
  return utimes(file, now, now).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}
