/**
 * Keeps two platforms from running on one data folder. The lock is a socket that its holder listens on: the kernel itself
 * says whether the holder lives, also where process ids mean something else (in another container), and a killed holder
 * leaves nothing that has to be guessed about.
 */
import { mkdir, rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { socketPath } from '../../plugins/serving/paths.ts';
import { dataFolderInUse, dataFolderUnusable } from './errors.ts';

export interface DataFolderLock {
  release(): Promise<void>;
}

/** Makes the folder where it is missing, and locks it. Throws `DataFolderInUse` or `DataFolderUnusable`. */
export async function lockDataFolder(folder: string): Promise<DataFolderLock> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = socketPath(folder, 'platform');
    for (let attempt = 1; ; attempt++) {
      const server = await listen(path);
      if (server !== undefined) return { release: () => close(server) };
      const holder = await ask(path);
      if (holder.isAlive || attempt === 5) throw dataFolderInUse(folder, holder.pid);
      await clear(path, folder);
    }
  } catch (error) {
    if ((error as { code?: unknown }).code === 'DataFolderInUse') throw error;
    throw dataFolderUnusable(folder, error);
  }
}

/** Undefined where the path is taken already. */
function listen(path: string): Promise<Server | undefined> {
  return new Promise((settle, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${process.pid}\n`);
    });
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') settle(undefined);
      else reject(error);
    });
    server.listen(path, () => {
      server.unref();
      settle(server);
    });
  });
}

/** Whoever accepts is alive, even when it is too busy to say its process id. */
function ask(path: string): Promise<{ readonly isAlive: boolean; readonly pid?: number }> {
  return new Promise((settle) => {
    let isAlive = false;
    let said = '';
    const socket = connect(path);
    socket.setEncoding('utf8');
    socket.setTimeout(1_000, () => socket.destroy());
    socket.on('connect', () => {
      isAlive = true;
    });
    socket.on('data', (text: string) => {
      said += text;
    });
    socket.on('error', () => {});
    socket.on('close', () => {
      const pid = Number.parseInt(said, 10);
      settle({ isAlive, ...(Number.isNaN(pid) ? {} : { pid }) });
    });
  });
}

/** Removes a dead holder's socket. Another process may have done so, and listen there now: then it is put back. */
async function clear(path: string, folder: string): Promise<void> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const holder = await ask(aside);
  if (!holder.isAlive) return rm(aside, { force: true });
  await rename(aside, path);
  throw dataFolderInUse(folder, holder.pid);
}

function close(server: Server): Promise<void> {
  return new Promise((settle) => server.close(() => settle()));
}
