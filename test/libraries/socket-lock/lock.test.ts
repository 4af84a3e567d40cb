import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  answers,
  lockOrWait,
  type SocketLock,
  socketPath,
  tryLock,
} from '../../../libraries/socket-lock/index.ts';
import { until } from '../../fixtures/until.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
  readonly holds: boolean;
  readonly pid?: number;
}

const started: ChildProcess[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(kill));
});

/** A process that tries a lock when it is told to. */
async function locker(): Promise<ChildProcess> {
  const child = fork(fileURLToPath(new URL('./locker.mjs', import.meta.url)));
  started.push(child);
  await once(child, 'message');
  return child;
}

async function tries(child: ChildProcess, path: string): Promise<Outcome> {
  child.send(path);
  const [outcome] = (await once(child, 'message')) as [Outcome];
  return outcome;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

describe('a lock', () => {
  it('is held once, tells who holds it, and is free after its release', async () => {
    const path = socketPath(folder, 'one');
    const lock = (await tryLock(path)) as SocketLock;
    expect(await tryLock(path)).toEqual({ pid: process.pid });
    await lock.release();
    expect(readdirSync(folder)).toEqual([]);
    expect(await tryLock(path)).toHaveProperty('release');
  });

  it('of a process that was killed is taken over, and leaves nothing behind', async () => {
    const path = socketPath(folder, 'one');
    const holder = await locker();
    expect(await tries(holder, path)).toEqual({ holds: true });
    expect(await tryLock(path)).toEqual({ pid: holder.pid });
    const left = readdirSync(folder);
    await kill(holder);
    expect(readdirSync(folder)).toEqual(left);
    expect(await tryLock(path)).toHaveProperty('release');
    expect(await tryLock(path)).toEqual({ pid: process.pid });
    expect(readdirSync(folder)).toHaveLength(1);
    expect(readdirSync(folder)).not.toEqual(left);
  });

  it('of a process that was killed is taken over by one, however many want it at the same moment', async () => {
    for (let round = 0; round < 12; round++) {
      const path = socketPath(folder, `${round}`);
      const dead = await locker();
      await tries(dead, path);
      await kill(dead);
      const lockers = await Promise.all(Array.from({ length: 5 }, locker));
      const outcomes = await Promise.all(lockers.map((child) => tries(child, path)));
      const holders = lockers.filter((_, index) => outcomes[index]!.holds);
      expect(holders).toHaveLength(1);
      const refused = outcomes.filter(({ holds }) => !holds);
      expect(refused).toEqual(refused.map(() => ({ holds: false, pid: holders[0]!.pid })));
      await Promise.all(lockers.map(kill));
    }
  });

  it('whose file nobody may make throws what the system says', async () => {
    await expect(tryLock(join(folder, 'nowhere', 'one.sock'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is given back, though somebody who asked for it was stopped before it read the answer', async () => {
    const path = socketPath(folder, 'one');
    const lock = (await tryLock(path)) as SocketLock;
    const [claim] = readdirSync(folder);
    const stopped = connect({ path: join(folder, claim!), allowHalfOpen: true }).pause();
    await once(stopped, 'connect');
    expect(await tryLock(path)).toEqual({ pid: process.pid });
    await lock.release();
    expect(await tryLock(path)).toHaveProperty('release');
    stopped.destroy();
  });

  it('that is held for long does not look like what nobody uses any more', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const path = socketPath(folder, 'one');
      const lock = (await tryLock(path)) as SocketLock;
      const claim = join(folder, readdirSync(folder)[0]!);
      utimesSync(claim, 0, 0);
      vi.advanceTimersByTime(24 * 3_600_000);
      await until(() => statSync(claim).mtimeMs > Date.now() - 3_600_000);
      await lock.release();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('is waited for, for as long as one wants', async () => {
    const path = socketPath(folder, 'one');
    const lock = (await tryLock(path)) as SocketLock;
    expect(await lockOrWait(path, 0)).toBe(false);
    const waiting = lockOrWait(path);
    await lock.release();
    expect(await waiting).toBe(true);
    expect(await tryLock(path)).toEqual({ pid: process.pid });
  });
});

it('says whether a process listens at a socket', async () => {
  const path = join(folder, 'one.sock');
  expect(await answers(path)).toBe(false);
  const server = createServer().listen(path);
  await once(server, 'listening');
  expect(await answers(path)).toBe(true);
  await new Promise((closed) => server.close(closed));
  expect(await answers(path)).toBe(false);
});

describe('the path of a lock', () => {
  it('is in a folder of this user alone where it would be too long, the same each time', () => {
    const deep = join(folder, 'x'.repeat(120));
    mkdirSync(deep);
    const path = socketPath(deep, 'one');
    expect(socketPath(deep, 'one')).toBe(path);
    expect(Buffer.byteLength(path)).toBeLessThanOrEqual(103);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    expect(socketPath(folder, 'one')).toBe(join(folder, 'one.sock'));
    expect(socketPath(deep, 'other')).not.toBe(path);
  });
});
