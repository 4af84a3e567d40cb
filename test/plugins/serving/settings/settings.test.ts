import { execFileSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { describe, expect, test } from 'vitest';
import { parseOptions } from '../../../../plugins/serving/dataplane/options.ts';
import { eventLoopProcessorsOf } from '../../../../plugins/serving/settings/event-loop-processors.ts';
import { memoryLimitOf } from '../../../../plugins/serving/settings/memory-limit.ts';
import { settingArguments } from '../../../../plugins/serving/settings/setting-arguments.ts';
import { defaultServingSettings, servingSettings } from '../../../../plugins/serving/settings/settings.ts';
import { Peer } from '../peer.ts';
import { desired, ServingWorld } from '../world.ts';

describe('settings', () => {
  test('have defaults, and sizes that people write', () => {
    expect(servingSettings({})).toEqual(defaultServingSettings);
    expect(servingSettings({ cacheSize: '1.5GiB', processes: 3, livenessMs: 2000, trials: 2 })).toEqual({
      ...defaultServingSettings,
      cacheSize: 1_610_612_736,
      processes: 3,
      livenessMs: 2000,
      trials: 2,
    });
    expect(servingSettings({ cacheSize: 0 }).cacheSize).toBe(0);
    expect(servingSettings({ memoryLimit: '2GiB' }).memoryLimit).toBe(2 * 1024 ** 3);
  });

  test.each([
    [{ cacheSice: 1 }, 'cacheSice is not a setting'],
    [{ cacheSize: '10KB' }, 'cacheSize must be'],
    [{ cacheSize: -1 }, 'cacheSize must be'],
    [{ memoryLimit: 'much' }, 'memoryLimit must be'],
    [{ memoryLimit: '1MiB' }, 'memoryLimit must be'],
    [{ memoryBudget: '1KiB' }, 'memoryBudget must be'],
    [{ workerPriority: 'high' }, 'workerPriority must be one of low, idle'],
    [{ eventLoopProcessors: -1 }, 'eventLoopProcessors must be a whole number from 0 on'],
    [{ loading: 'late' }, 'loading must be one of eager, lazy'],
    [{ whileLoading: 'drop' }, 'whileLoading must be one of hold, refuse'],
    [{ processes: 0 }, 'processes must be'],
    [{ livenessMs: 10 }, 'livenessMs must be'],
    [{ trials: 0 }, 'trials must be'],
    [{ downloads: 0 }, 'downloads must be'],
    [{ bodyBudget: '127MiB' }, 'bodyBudget must be'],
    [{ corsOrigins: ['app.example.com'] }, 'corsOrigins must be'],
    [{ compressFrom: '1KB' }, 'compressFrom must be'],
  ])('%j is refused by name', (block, message) => {
    expect(() => servingSettings(block)).toThrow(message);
  });
});

test('what the operator sets is what an inference process reads on its command line', () => {
  const settings = servingSettings({
    loading: 'lazy',
    whileLoading: 'refuse',
    workerPriority: 'idle',
    memoryBudget: '1GiB',
    bodyBudget: '128MiB',
    corsOrigins: ['https://app.example.com'],
    compressFrom: '64KiB',
  });
  expect(parseOptions(settingArguments(settings))).toMatchObject({
    loading: 'lazy',
    whileLoading: 'refuse',
    workerPriority: 'idle',
    memoryBudget: 1024 ** 3,
    bodyBudget: 128 * 1024 ** 2,
    corsOrigins: ['https://app.example.com'],
    compressFrom: 65_536,
  });
  expect(parseOptions(settingArguments(servingSettings({})))).toEqual(parseOptions([]));
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

describe('processors that worker threads leave to event loops', () => {
  test('are one for each process but a quarter of the machine, unless the operator says otherwise', () => {
    const byMachine = (processes: number, processors: number) =>
      eventLoopProcessorsOf({ eventLoopProcessors: undefined }, processes, processors);
    expect([byMachine(2, 1), byMachine(2, 2), byMachine(2, 4), byMachine(2, 8)]).toEqual([1, 1, 1, 2]);
    expect(byMachine(2, 64)).toBe(2);
    expect(eventLoopProcessorsOf({ eventLoopProcessors: 0 }, 2, 8)).toBe(0);
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
