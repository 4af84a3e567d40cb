import { rename, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

export interface SocketLock {
  release(): Promise<void>;
}

export interface LockHolder {
  /** Absent where the holder is too busy to say it. */
  readonly pid?: number;
}

/** Locks at a path, or says who holds the lock. Without `release` it is held for as long as this process lives. */
export async function tryLock(path: string): Promise<SocketLock | LockHolder> {
  // Others that take a dead holder's lock at the same moment may win a few times.
  for (let attempt = 1; attempt <= 5; attempt++) {
    const server = await listen(path);
    if (server !== undefined) return { release: () => close(server) };
    const alive = (await ask(path)) ?? (await clear(path));
    if (alive !== undefined) return alive;
  }
  return {};
}

/** Locks at a path once nobody else does. False where another one still held it after so long. */
export async function lockOrWait(path: string, patienceMs = Number.POSITIVE_INFINITY): Promise<boolean> {
  const began = performance.now();
  while (!('release' in (await tryLock(path)))) {
    if (performance.now() - began > patienceMs) return false;
    await wait(lookMs);
  }
  return true;
}

const lookMs = 100;

/** Whether a process listens there. */
export function answers(path: string): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      settle(true);
    });
    socket.once('error', () => settle(false));
  });
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
function ask(path: string): Promise<LockHolder | undefined> {
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
      if (!isAlive) settle(undefined);
      else settle(Number.isNaN(pid) ? {} : { pid });
    });
  });
}

/** Removes a dead holder's socket. Another process may have done so, and listen there now: then it is put back, and told. */
async function clear(path: string): Promise<LockHolder | undefined> {
  const aside = `${path}.${process.pid}`;
  try {
    await rename(path, aside);
  } catch {
    return undefined;
  }
  const holder = await ask(aside);
  if (holder === undefined) await rm(aside, { force: true });
  else await rename(aside, path);
  return holder;
}

function close(server: Server): Promise<void> {
  return new Promise((settle) => server.close(() => settle()));
}
