import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { status } from '@grpc/grpc-js';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { heapFlags } from '../../../plugins/serving/dataplane/interface/process-memory.ts';
import { until } from '../../fixtures/until.ts';
import { call, inferJson, row } from '../../plugins/serving/dataplane/fixtures/client.ts';
import { fits, startLoad } from '../../plugins/serving/dataplane/fixtures/load.ts';
import { countingModel } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { InferenceClient } from '../../plugins/serving/dataplane/grpc/client.ts';
import { desired } from '../../plugins/serving/world.ts';
import { isAlive, Platform, type PlatformOptions } from './platform.ts';

// Several processes start and stop in each of these, on whatever machine this is.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const platforms: Platform[] = [];
afterEach(async () => {
  // The last first: a later one may run on the folder of an earlier one.
  for (const platform of platforms.splice(0).reverse()) await platform.close();
});

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** A program to be started instead of the real one. */
function program(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-program-'));
  folders.push(folder);
  const path = join(folder, 'inference.mjs');
  writeFileSync(path, text);
  return path;
}

/** Says that it is up, and does not leave when it is asked to. */
const stubborn =
  "process.on('SIGTERM', () => {}); process.on('message', () => process.send({ type: 'listening' })); process.send({ type: 'prepared' });";

function create(options?: PlatformOptions): Platform {
  const platform = new Platform(options);
  platforms.push(platform);
  return platform;
}

const check = fits({ '1.0.0': 2, '2.0.0': 3, '3.0.0': 5 });

/** A platform that serves version 1.0.0, with 2.0.0 warm. */
async function serving(options?: PlatformOptions): Promise<Platform> {
  const platform = create(options);
  platform.declare(desired([platform.version('1.0.0', 2), platform.version('2.0.0', 3)]));
  await platform.start();
  await platform.routed();
  return platform;
}

const answer = async (platform: Platform) =>
  (await inferJson(platform.port, 'bird-strike', row(7))).body.model_version;

describe('gRPC', () => {
  test('is answered by all processes on a port of its own, also when one of them is killed', async () => {
    const platform = await serving({ grpcPort: 0 });
    const client = new InferenceClient(platform.grpc);
    const ask = async (value: number): Promise<unknown> => {
      const { body } = await client.call('ModelInfer', {
        model_name: 'bird-strike',
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [value] } }],
      });
      return (body.outputs as readonly { contents: { fp32_contents: readonly number[] } }[])[0]?.contents
        .fp32_contents[0];
    };
    try {
      expect(await ask(7)).toBe(14);
      process.kill(platform.inferencePid(0), 'SIGKILL');
      // Whoever was connected to it is told so, and connects to another.
      await until(() =>
        ask(8)
          .then((value) => value === 16)
          .catch(() => false),
      );
      expect(await ask(9)).toBe(18);
    } finally {
      client.close();
    }
    // One that was killed has ended while all was to be ended, if nobody has heard of it before.
    await until(() => platform.logged('process ended').length > 0);
    platform.signal('SIGTERM');
    expect(await platform.ended).toBe(0);
  });
});

describe('a control process', () => {
  test('killed at random points, in the middle of changes and under load, costs no request', async () => {
    const platform = await serving();
    const load = startLoad(platform.port, 'bird-strike', check, 8);
    const all = { '1.0.0': 2, '2.0.0': 3, '3.0.0': 5 };
    const versions = Object.entries(all).map(([name, factor]) => platform.version(name, factor));
    const kills = 6;
    for (let kill = 0; kill < kills; kill++) {
      const turned = [...versions.slice(kill % 3), ...versions.slice(0, kill % 3)];
      platform.declare(desired(turned.slice(0, 2)));
      await delay(Math.random() * 600);
      const pid = platform.controlPid;
      if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await until(() => platform.controlPid !== pid && isAlive(platform.controlPid));
    }
    platform.declare(desired([platform.version('3.0.0', 5)]));
    await platform.routed();
    expect(await load.stop()).toEqual([]);
    expect(load.answered()).toBeGreaterThan(500);
    expect(await answer(platform)).toBe('3.0.0');
    expect(platform.logged('inference process is up')).toHaveLength(2);
    expect(platform.logged('process ended').length).toBeGreaterThan(0);
  });

  test('that asks for it is started anew at once, and nobody else is', async () => {
    const platform = await serving();
    const before = platform.controlPid;
    platform.write('desired.json', 'restart');
    await until(() => platform.logged('process asks to be started anew').length > 0);
    platform.declare(desired([platform.version('2.0.0', 3)]));
    await platform.routed();
    expect(platform.controlPid).not.toBe(before);
    expect(platform.logged('process ended')).toEqual([]);
  });

  test('that cannot start the first time ends the platform with its error', async () => {
    const platform = create();
    writeFileSync(join(platform.dataFolder, 'fail-control'), '');
    platform.spawn();
    expect(await platform.ended).toBe(1);
    expect(platform.events.at(-1)).toMatchObject({
      type: 'error',
      code: 'RegistryMissing',
      message: 'there is no registry',
      hint: 'Make one.',
    });
  });

  test('that cannot start does not end a platform that has something to serve', async () => {
    const platform = await serving();
    platform.signal('SIGTERM');
    expect(await platform.ended).toBe(0);
    writeFileSync(join(platform.dataFolder, 'fail-control'), '');
    platform.events.length = 0;
    platform.lines.length = 0;
    platform.spawn();
    await until(() => platform.logged('inference process is up').length === 2);
    expect(await answer(platform)).toBe('1.0.0');
    rmSync(join(platform.dataFolder, 'fail-control'));
    platform.declare(desired([platform.version('2.0.0', 3)]));
    await platform.routed();
    expect(await answer(platform)).toBe('2.0.0');
  });
});

describe('an inference process', () => {
  test('killed under load loses only what it was answering, and is replaced', async () => {
    const platform = await serving();
    const clients = 16;
    const load = startLoad(platform.port, 'bird-strike', check, clients);
    await until(() => load.answered() > 200);
    const pid = platform.inferencePid(0);
    process.kill(pid, 'SIGKILL');
    await until(
      () => platform.status()?.processes.some(({ id, state }) => id === '0' && state !== 'live') === true,
    );
    await until(() => platform.inferencePid(0) !== pid);
    await platform.routed(2);
    const answered = load.answered();
    await until(() => load.answered() > answered + 200);
    const problems = await load.stop();
    // One connection each; those of the dead process broke once, and every later request was answered.
    expect(problems.length).toBeLessThanOrEqual(clients);
    for (const problem of problems) expect(problem).toMatch(/ECONNRESET|socket hang up|EPIPE/);
    expect(platform.logged('process ended')).toHaveLength(1);
    for (let turn = 0; turn < 20; turn++) expect(await answer(platform)).toBe('1.0.0');
  });

  test('both killed: connections wait for the next one instead of being refused', async () => {
    const platform = await serving();
    for (const index of [0, 1]) process.kill(platform.inferencePid(index), 'SIGKILL');
    await until(() => platform.logged('process ended').length === 2);
    expect(await answer(platform)).toBe('1.0.0');
    await platform.routed();
  });

  test('begins from the table while control is dead', async () => {
    const platform = await serving();
    // A control process that never gets far enough to open its socket.
    writeFileSync(join(platform.dataFolder, 'fail-control'), '');
    process.kill(platform.controlPid, 'SIGKILL');
    await until(() => platform.logged('process ended').length > 0);
    const pids = [platform.inferencePid(0), platform.inferencePid(1)];
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until(() => [0, 1].every((index) => platform.inferencePid(index) !== pids[index]));
    for (let turn = 0; turn < 20; turn++) expect(await answer(platform)).toBe('1.0.0');
    expect((await call(platform.port, '/v2/health/ready')).status).toBe(200);
  });

  test('finds a bad file in the cache; it is fetched anew, and the process loads it', async () => {
    const platform = await serving();
    const table = join(platform.dataFolder, 'plugins', 'serving', 'table.json');
    const { deployments } = JSON.parse(readFileSync(table, 'utf8')) as {
      deployments: { versions: { path: string }[] }[];
    };
    const path = deployments[0]?.versions[0]?.path ?? '';
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    rmSync(path);
    writeFileSync(path, bytes);
    const pid = platform.inferencePid(0);
    process.kill(pid, 'SIGKILL');
    await until(() => platform.logged('an artifact in the cache had gone bad').length > 0);
    await until(() => platform.inferencePid(0) !== pid);
    await platform.routed();
    expect(await answer(platform)).toBe('1.0.0');
  });
});

describe('stopping', () => {
  test('by SIGTERM under load answers all that is under way: status 0', async () => {
    const platform = await serving();
    const load = startLoad(platform.port, 'bird-strike', check, 8);
    await until(() => load.answered() > 200);
    const pids = [platform.controlPid, platform.inferencePid(0), platform.inferencePid(1)];
    platform.signal('SIGTERM');
    expect(await platform.ended).toBe(0);
    const problems = await load.stop();
    // What comes later is refused. A connection that no process had accepted yet when the last of them stopped
    // accepting is reset by the kernel: at most one for each client. Nothing that was accepted is cut.
    const resets = problems.filter((problem) => problem.includes('ECONNRESET'));
    expect(resets.length).toBeLessThanOrEqual(8);
    expect(problems.filter((problem) => !/ECONNRESET|ECONNREFUSED/.test(problem))).toEqual([]);
    expect(pids.filter(isAlive)).toEqual([]);
    expect(platform.events.at(-1)).toEqual({ type: 'ended', status: 0 });
  });

  test('a second signal ends everything at once', async () => {
    const platform = create({ processes: 1, programs: { inference: program(stubborn) } });
    await platform.start();
    platform.signal('SIGTERM');
    await until(() => platform.logged('stopping: what is under way is answered first').length > 0);
    platform.signal('SIGINT');
    expect(await platform.ended).toBe(1);
    expect(platform.logged('ending at once')).toHaveLength(1);
  });

  test('a process that does not end in time is killed, and that is told', async () => {
    const platform = create({
      processes: 1,
      programs: { inference: program(stubborn) },
      drainTimeoutMs: 0,
    });
    await platform.start();
    platform.signal('SIGTERM');
    expect(await platform.ended).toBe(1);
    expect(platform.logged('process ended before all was done')).toMatchObject([
      { process: 'inference-0', signal: 'SIGKILL' },
    ]);
  });

  test('a drain that ends before all is answered is told: status 1', async () => {
    const platform = create({ grpcPort: 0, drainTimeoutMs: 200 });
    const limits = { maxQueue: 1_000, timeoutMs: 60_000 };
    const version = platform.version('1.0.0', 0, countingModel(20_000));
    platform.declare(desired([version], { limits, batching: { maxBatchSize: 1, maxDelayMs: 0 } }));
    await platform.start();
    await platform.routed();
    const client = new InferenceClient(platform.grpc);
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [1] } }];
    const call = () =>
      client.call('ModelInfer', { model_name: 'bird-strike', inputs }, { timeoutMs: 60_000 });
    const calls = Array.from({ length: 500 }, call);
    await Promise.race(calls);
    platform.signal('SIGTERM');
    expect(await platform.ended).toBe(1);
    expect(platform.logged('process ended before all was done').length).toBeGreaterThan(0);
    const outcomes = await Promise.allSettled(calls);
    const codes = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? outcome.reason.code : status.OK,
    );
    expect(new Set(codes)).toEqual(new Set([status.OK, status.UNAVAILABLE]));
    client.close();
  });

  test('children of a supervisor that was killed end by themselves, and the next one starts', async () => {
    const platform = await serving();
    const pids = [platform.controlPid, platform.inferencePid(0), platform.inferencePid(1)];
    const { port } = platform;
    platform.signal('SIGKILL');
    await platform.ended;
    const next = create({ dataFolder: platform.dataFolder, port });
    await next.start();
    expect(next.events.map(({ type }) => type)).toEqual(['listening', 'control']);
    await until(() => !pids.some(isAlive));
    await next.routed();
    expect(next.port).toBe(port);
    expect(await answer(next)).toBe('1.0.0');
  });
});

describe('what is taken already', () => {
  test('a port in use is an error that names it', async () => {
    const other = createServer();
    await new Promise<void>((settle) => other.listen(0, '127.0.0.1', settle));
    const { port } = other.address() as { port: number };
    try {
      const platform = create({ port });
      platform.spawn();
      expect(await platform.ended).toBe(1);
      expect(platform.events).toEqual([
        {
          type: 'error',
          code: 'PortInUse',
          message: `port ${port} is in use by another program`,
          where: `127.0.0.1:${port}`,
          hint: expect.stringContaining('--port'),
        },
      ]);
    } finally {
      other.close();
    }
  });

  test('an address that is not of this machine is an error', async () => {
    const platform = create({ host: '192.0.2.1' });
    platform.spawn();
    expect(await platform.ended).toBe(1);
    expect(platform.events[0]).toMatchObject({ code: 'PortUnavailable', where: '192.0.2.1:0' });
  });

  test('a data folder that another platform runs on is refused, with its process', async () => {
    const platform = create({ processes: 1 });
    await platform.start();
    const second = create({ processes: 1, dataFolder: platform.dataFolder });
    second.spawn();
    expect(await second.ended).toBe(1);
    expect(second.events[0]).toMatchObject({
      code: 'DataFolderInUse',
      message: expect.stringContaining(`process ${platform.pid}`),
      where: platform.dataFolder,
    });
  });

  test('two that start at the same moment: one runs, one is refused', async () => {
    const first = create({ processes: 1 });
    const others = [1, 2, 3].map(() => create({ processes: 1, dataFolder: first.dataFolder }));
    const all = [first, ...others];
    // A dead holder's socket lies there, so that all of them want to clear it away.
    first.spawn();
    await until(() => first.events.length > 0);
    first.signal('SIGKILL');
    await first.ended;
    first.events.length = 0;
    for (const one of all) one.spawn();
    await until(() => all.filter(({ hasEnded }) => hasEnded).length === all.length - 1);
    for (const one of all.filter(({ hasEnded }) => hasEnded)) {
      expect(one.events[0]).toMatchObject({ code: 'DataFolderInUse' });
    }
  });

  test('a program that was not built is named', async () => {
    const platform = create({ programs: { inference: '/nowhere/main.js' } });
    platform.spawn();
    expect(await platform.ended).toBe(1);
    expect(platform.events[0]).toMatchObject({ code: 'ProgramMissing', where: '/nowhere/main.js' });
  });
});

describe('the memory of an inference process', () => {
  test('is told when V8 collects it and when the C library gives it back, unless the operator says so', async () => {
    const teller = program(
      `const { MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_ } = process.env;
       console.log(JSON.stringify([process.execArgv, MALLOC_MMAP_THRESHOLD_, MALLOC_TRIM_THRESHOLD_]));
       process.on('disconnect', () => process.exit()); process.on('SIGTERM', () => process.exit()); process.send({ type: 'prepared' });`,
    );
    const platform = create({
      processes: 1,
      programs: { inference: teller },
      environment: { MALLOC_TRIM_THRESHOLD_: '1048576' },
    });
    platform.spawn();
    const told = () => platform.lines.find(({ name }) => name === 'inference-0');
    await until(() => told() !== undefined);
    expect(JSON.parse(String(told()?.msg))).toEqual([heapFlags, '4194304', '1048576']);
    platform.signal('SIGTERM');
    expect(await platform.ended).toBe(0);
  });
});

describe('log lines', () => {
  test('are JSON with the name of who speaks, whatever a child writes', async () => {
    const talker = program(
      `console.log('plain'); console.error('{"level":50,"msg":"from pino"}'); console.error('{"level":20,"msg":"detail"}');
       console.error('{broken'); process.stderr.write('no line end');
       process.on('disconnect', () => process.exit()); process.on('SIGTERM', () => process.exit()); process.send({ type: 'prepared' });`,
    );
    const platform = create({
      processes: 1,
      programs: { inference: talker },
      environment: { SWITCHYARD_API_TOKEN: 'hunter2' },
    });
    platform.spawn();
    await until(() => platform.lines.some(({ msg }) => msg === '{broken'));
    platform.signal('SIGTERM');
    expect(await platform.ended).toBe(0);
    const said = platform.lines
      .filter(({ name }) => name === 'inference-0')
      .map(({ level, msg }) => [level, msg]);
    expect(said.toSorted()).toEqual([
      ['error', 'from pino'],
      ['error', 'no line end'],
      ['error', '{broken'],
      ['info', 'plain'],
    ]);
    for (const line of platform.lines)
      expect(line).toMatchObject({ name: expect.any(String), time: expect.any(String) });
  });
});
