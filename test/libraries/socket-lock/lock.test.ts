import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  answers,
  lockOrWait,
  type SocketLock,
  socketPath,
  tryLock,
} from '../../../libraries/socket-lock/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-lock-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Closing a server removes its socket; a process that is killed leaves it. */
function killedHolder(path: string): void {
  const script = `require('node:net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  expect(() => execFileSync(process.execPath, ['-e', script], { stdio: 'ignore' })).toThrow();
  expect(existsSync(path)).toBe(true);
}

describe('a lock', () => {
  it('is held once, tells who holds it, and is free after its release', async () => {
    const path = socketPath(folder, 'one');
    expect(await answers(path)).toBe(false);
    const lock = (await tryLock(path)) as SocketLock;
    expect(await answers(path)).toBe(true);
    expect(await tryLock(path)).toEqual({ pid: process.pid });
    await lock.release();
    expect(await tryLock(path)).toHaveProperty('release');
  });

  it('of a process that was killed is taken over, and leaves nothing behind', async () => {
    const path = socketPath(folder, 'one');
    killedHolder(path);
    expect(await answers(path)).toBe(false);
    expect(await tryLock(path)).toHaveProperty('release');
    expect(await tryLock(path)).toEqual({ pid: process.pid });
    expect(readdirSync(folder)).toEqual(['one.sock']);
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
