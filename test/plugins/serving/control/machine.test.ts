import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { memoryLimitOf } from '../../../../plugins/serving/memory-limit.ts';
import { servingPaths } from '../../../../plugins/serving/paths.ts';
import { defaultServingSettings, servingSettings } from '../../../../plugins/serving/settings.ts';
import { Peer } from './peer.ts';
import { desired, ServingWorld } from './world.ts';

describe('settings', () => {
  test('have defaults, and sizes that people write', () => {
    expect(servingSettings({})).toEqual(defaultServingSettings);
    expect(servingSettings({ cacheSize: '1.5GiB', processes: 3, livenessMs: 2000, trials: 2 })).toEqual({
      cacheSize: 1_610_612_736,
      memoryLimit: undefined,
      processes: 3,
      livenessMs: 2000,
      trials: 2,
    });
    expect(servingSettings({ cacheSize: 0 }).cacheSize).toBe(0);
    expect(servingSettings({ memoryLimit: '2GiB' }).memoryLimit).toBe(2 * 1024 ** 3);
  });

  test.each([
    [{ cacheSice: 1 }, 'cacheSice is not a setting'],
    [{ cacheSize: '10GB' }, 'cacheSize must be'],
    [{ cacheSize: -1 }, 'cacheSize must be'],
    [{ memoryLimit: '2GB' }, 'memoryLimit must be'],
    [{ memoryLimit: '1MiB' }, 'memoryLimit must be'],
    [{ processes: 0 }, 'processes must be'],
    [{ livenessMs: 10 }, 'livenessMs must be'],
    [{ trials: 0 }, 'trials must be'],
  ])('%j is refused by name', (block, message) => {
    expect(() => servingSettings(block)).toThrow(message);
  });
});

describe('the memory of an inference process', () => {
  test('is its part of the machine, unless the operator says otherwise', () => {
    expect(memoryLimitOf({ memoryLimit: undefined }, 4, 1000)).toBe(200);
    expect(memoryLimitOf({ memoryLimit: 7 }, 4, 1000)).toBe(7);
    const limit = memoryLimitOf({ memoryLimit: undefined }, 1);
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThan(totalmem());
  });
});

describe('a folder whose path is too long for a socket', () => {
  test('has its socket in a folder of this user alone, the same each time', async () => {
    const folder = join(mkdtempSync(join(tmpdir(), 'switchyard-long-')), 'x'.repeat(120));
    mkdirSync(folder);
    const { socket } = servingPaths(folder);
    expect(servingPaths(folder).socket).toBe(socket);
    expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(103);
    expect(statSync(join(socket, '..')).mode & 0o777).toBe(0o700);
    expect(servingPaths(join(folder, '..')).socket).not.toBe(socket);
    rmSync(join(folder, '..'), { recursive: true });
  });
});

describe('the control socket', () => {
  test('of a control process that was killed is taken over', async () => {
    const world = new ServingWorld();
    await world.start();
    await world.stop();
    // Closing a server removes its socket; a process that is killed leaves it.
    const script = `require('node:net').createServer().listen(${JSON.stringify(world.paths.socket)}, () => process.kill(process.pid, 'SIGKILL'))`;
    expect(() => execFileSync(process.execPath, ['--eval', script], { stdio: 'ignore' })).toThrow();
    expect(statSync(world.paths.socket).isSocket()).toBe(true);
    await world.start();
    const peer = await Peer.eager(world.paths.socket, '0');
    await world.runtime.serve(desired([world.version('1.0.0')]), new AbortController().signal);
    await peer.tableWhere(({ deployments }) => deployments.length === 1);
    await world.close();
  });
});
