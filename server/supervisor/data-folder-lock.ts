/** Keeps two platforms from running on one data folder. */
import { mkdir } from 'node:fs/promises';
import { type SocketLock, socketPath, tryLock } from '../../libraries/socket-lock/index.ts';
import { dataFolderInUse, dataFolderUnusable } from './errors.ts';

/** Makes the folder where it is missing, and locks it. Throws `DataFolderInUse` or `DataFolderUnusable`. */
export async function lockDataFolder(folder: string): Promise<SocketLock> {
  const held = await lock(folder);
  if ('release' in held) return held;
  throw dataFolderInUse(folder, held.pid);
}

async function lock(folder: string): ReturnType<typeof tryLock> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await tryLock(socketPath(folder, 'platform'));
  } catch (error) {
    throw dataFolderUnusable(folder, error);
  }
}
