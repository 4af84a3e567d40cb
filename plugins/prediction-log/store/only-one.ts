import { rm } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const patienceMs = 30_000;

/**
 * Waits until no other process of this log lives, and keeps a later one waiting for as long as this one does: two of them would
 * take the same predictions in twice. A socket ends with its process, however it ends.
 */
export async function onlyOne(socket: string): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (await answers(socket)) {
    if (Date.now() > deadline) throw new Error('another process keeps this log, and does not end');
    await wait(100);
  }
  if (process.platform !== 'win32') await rm(socket, { force: true });
  const server = createServer((client) => client.destroy());
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  server.unref();
}

function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(socket);
    client.once('connect', () => {
      client.destroy();
      resolve(true);
    });
    client.once('error', () => resolve(false));
  });
}
