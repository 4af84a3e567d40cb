/** What gRPC clients see when inference processes are killed in the middle of their calls. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ChannelOptions, ServiceError } from '@grpc/grpc-js';
import { afterEach, expect, it, vi } from 'vitest';
import { shownBlock } from '../../fixtures/shown-block.ts';
import { until } from '../../fixtures/until.ts';
import { countingModel } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { CallsInFlight } from '../../plugins/serving/dataplane/grpc/calls-in-flight.ts';
import {
  HealthWatch,
  ReadinessAsker,
  readinessOf,
} from '../../plugins/serving/dataplane/grpc/told-readiness.ts';
import { desired } from '../../plugins/serving/world.ts';
import { Platform, type PlatformOptions } from './platform.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const model = 'bird-strike';
/** The model answers y = x + turns, and takes some milliseconds for it. */
const turns = 3_000;
/** Calls at a time on a channel. */
const atOnce = 8;
/** A call beside them asks whether it was true that the process is ready. */
const mostCutOff = atOnce + 1;
/** As many calls as a process cannot answer before its clients have heard that it takes its leave. */
const many = 500;

const opened: { close(): void | Promise<void> }[] = [];
afterEach(async () => {
  for (const one of opened.splice(0).reverse()) await one.close();
});

/** A platform whose inference processes, two unless told otherwise, answer one call after the other. */
async function started(options: PlatformOptions = {}): Promise<Platform> {
  const platform = new Platform({ grpcPort: 0, ...options });
  opened.push(platform);
  const version = platform.version('1.0.0', 0, countingModel(turns));
  const limits = { maxQueue: 5_000, timeoutMs: 600_000 };
  platform.declare(desired([version], { limits, batching: { maxBatchSize: 1, maxDelayMs: 0 } }));
  await platform.start();
  await platform.routed();
  return platform;
}

function channelOf(platform: Platform, channel: ChannelOptions = {}): CallsInFlight {
  const calls = new CallsInFlight({ address: platform.grpc, model, offset: turns, atOnce, channel });
  opened.push(calls);
  return calls;
}

/** A channel that is connected to one of the two: the other one cannot accept meanwhile. */
async function connectedTo(
  index: 0 | 1,
  platform: Platform,
  channel: ChannelOptions = {},
): Promise<CallsInFlight> {
  const calls = channelOf(platform, channel);
  const other = platform.inferencePid(1 - index);
  process.kill(other, 'SIGSTOP');
  try {
    await calls.client.call('ServerLive');
  } finally {
    process.kill(other, 'SIGCONT');
  }
  return calls;
}

/** Channels under load, with those who ask on them for readiness. */
class Clients {
  readonly all: readonly CallsInFlight[];
  readonly watches: readonly HealthWatch[];
  readonly askers: readonly ReadinessAsker[];
  readonly #platform: Platform;
  #losses: number | undefined = 0;

  constructor(platform: Platform, all: readonly CallsInFlight[]) {
    this.#platform = platform;
    this.all = all;
    for (const calls of all) calls.start();
    this.watches = all.map((calls) => new HealthWatch(calls));
    this.askers = all.map((calls) => new ReadinessAsker(calls, model, () => this.#losses));
    opened.push(this);
  }

  close(): void {
    for (const asking of [...this.watches, ...this.askers]) void asking.stop();
  }

  /** Kills processes at once; gives their ids. */
  kill(...indices: readonly number[]): readonly number[] {
    const pids = indices.map((index) => this.#platform.inferencePid(index));
    this.#losses = this.#losses! + 1;
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return pids;
  }

  /**
   * Has a process take its leave, or the whole platform. Resolves once clients know, and what they sent until then has been read: a connection
   * that ends before that is reset, and of one that is reset behind a GOAWAY `@grpc/grpc-js` says `INTERNAL`.
   */
  async dismiss(pid: number, leaving: readonly CallsInFlight[], underWay: readonly string[]): Promise<void> {
    const losses = this.#losses;
    this.#losses = undefined;
    process.kill(pid, 'SIGTERM');
    const watches = this.watches.filter((_, index) => leaving.includes(this.all[index]!));
    await until(() => watches.every(({ heard }) => heard.includes('NOT_SERVING')), {
      what: 'health has said NOT_SERVING',
      everyMs: 1,
    });
    const left = () => leaving.flatMap(({ open }) => open).filter((id) => underWay.includes(id)).length;
    const then = left();
    await until(() => left() <= then - 5, { what: 'five more are answered', everyMs: 1 });
    this.#losses = losses! + 1;
  }

  /** Each channel has been answered so often, from now on. */
  async areAnswered(times = 5): Promise<void> {
    const goals = this.all.map(({ answered }) => answered + times);
    await until(() => this.all.every(({ answered }, index) => answered >= goals[index]!), {
      what: 'each channel is answered',
      deadlineMs: 40_000,
    });
  }

  /** Ends everything; nothing of what no client may see has been seen. */
  async stop(): Promise<void> {
    await Promise.all([...this.askers, ...this.all].map((asking) => asking.stop()));
    for (const watch of this.watches) watch.stop();
    expect(this.all.flatMap(({ problems }) => problems)).toEqual([]);
    expect(this.askers.flatMap(({ lies }) => lies)).toEqual([]);
  }
}

/** The processes with these ids have ended as they were killed. */
async function areGone(platform: Platform, pids: readonly number[]): Promise<void> {
  const ended = () =>
    platform
      .logged('process ended')
      .filter(({ pid, signal }) => pids.includes(Number(pid)) && signal === 'SIGKILL');
  await until(() => ended().length === pids.length, { what: 'they have ended by SIGKILL' });
}

/** Other processes have taken the places of these. */
async function areReplaced(platform: Platform, pids: readonly number[]): Promise<void> {
  const are = () => [platform.inferencePid(0), platform.inferencePid(1)];
  await until(() => !are().some((pid) => pids.includes(pid)), { what: 'their successors are up' });
  await platform.routed();
}

/** Makes so many calls more. Gives the ids of what the process at the other end has taken and not answered. */
async function ask(channels: readonly CallsInFlight[], count: number): Promise<readonly string[]> {
  for (let call = 0; call < count; call++) void channels[call % channels.length]!.predict();
  const asked = channels.flatMap(({ open }) => open);
  // What is asked last on a connection is read last.
  await Promise.all(channels.map(({ client }) => client.call('ServerLive')));
  const open = new Set(channels.flatMap((calls) => calls.open));
  return asked.filter((id) => open.has(id));
}

it('one of two is killed: only what it was answering is cut off, and a client that tries again as the page says sees nothing', async () => {
  const platform = await started();
  const config = shownBlock('docs/inference.md', 'json grpc-again');
  const lost = [await connectedTo(0, platform), await connectedTo(0, platform)];
  const retrying = await connectedTo(0, platform, { 'grpc.service_config': config });
  const kept = [await connectedTo(1, platform), await connectedTo(1, platform)];
  const clients = new Clients(platform, [...lost, retrying, ...kept]);
  await clients.areAnswered();
  const killed = clients.kill(0);
  await areReplaced(platform, killed);
  await clients.areAnswered();
  await clients.stop();

  for (const { refusals } of lost) {
    expect(refusals.length).toBeGreaterThan(0);
    expect(refusals.length).toBeLessThanOrEqual(mostCutOff);
  }
  // What has begun to be answered is not asked again by any gRPC client.
  expect(retrying.refusals.filter(({ wasBeingAnswered }) => !wasBeingAnswered)).toEqual([]);
  expect(kept.flatMap(({ refusals }) => refusals)).toEqual([]);
  // Whoever was answered was told that there is somebody, and so it was.
  for (const { told } of clients.askers) expect(told).toEqual(new Set([true]));
  const onLost = ['SERVING', 'UNAVAILABLE', 'SERVING'];
  const onKept = ['SERVING'];
  expect(clients.watches.map(({ heard }) => heard)).toEqual([onLost, onLost, onLost, onKept, onKept]);
});

it('all are killed: nobody is told anything until another can answer, and calls wait for it', async () => {
  const inference = fileURLToPath(new URL('./fixtures/held-inference.mjs', import.meta.url));
  const platform = await started({ programs: { inference } });
  const all = [
    await connectedTo(0, platform),
    await connectedTo(0, platform),
    await connectedTo(1, platform),
  ];
  const clients = new Clients(platform, all);
  await clients.areAnswered();
  const hold = join(platform.dataFolder, 'hold-inference');
  writeFileSync(hold, '');
  const underWay = all.flatMap(({ open }) => open);
  const killed = clients.kill(0, 1);
  await areGone(platform, killed);
  await until(() => !all.some(({ open }) => open.some((id) => underWay.includes(id))), {
    what: 'all that was under way has ended',
  });
  const then = all.map(({ answered }) => answered);
  const cutOff = all.map(({ refusals }) => refusals.length);
  for (const count of cutOff) expect(count).toBeLessThanOrEqual(mostCutOff);
  for (const calls of all) expect(await readinessOf(calls, model, { timeoutMs: 200 })).toEqual([]);
  for (const { heard } of clients.watches) expect(heard).toEqual(['SERVING', 'UNAVAILABLE']);
  expect(all.map(({ answered }) => answered)).toEqual(then);

  rmSync(hold);
  await areReplaced(platform, killed);
  await clients.areAnswered();
  await clients.stop();
  // What was asked meanwhile has waited, on the same channels.
  expect(all.map(({ refusals }) => refusals.length)).toEqual(cutOff);
  for (const { told } of clients.askers) expect(told).toEqual(new Set([true]));
  for (const { heard } of clients.watches) expect(heard).toEqual(['SERVING', 'UNAVAILABLE', 'SERVING']);
});

it('one that comes back and cannot answer says so, until it can', async () => {
  const platform = await started({ processes: 1 });
  const all = [channelOf(platform), channelOf(platform)];
  const clients = new Clients(platform, all);
  await clients.areAnswered();
  // The file of the version is damaged, and nobody fetches it anew: control does not come up.
  writeFileSync(join(platform.dataFolder, 'fail-control'), '');
  process.kill(platform.controlPid, 'SIGKILL');
  await until(() => platform.logged('process ended').length > 0);
  damageArtifact(platform);
  const [killed = 0] = clients.kill(0);
  await areGone(platform, [killed]);
  await until(() => platform.inferencePid(0) !== killed);
  const refused = (error: ServiceError) => error.metadata.get('switchyard-code')[0];
  for (const calls of all) {
    expect(await readinessOf(calls, model)).toEqual([false, false, false]);
    const asked = calls.client.call('ModelInfer', { model_name: model }).catch(refused);
    expect(await asked).toBe('ModelFailed');
  }
  const then = all.map(({ answered }) => answered);
  for (const { heard } of clients.watches)
    await until(() => heard.at(-1) === 'NOT_SERVING', { what: 'health says NOT_SERVING' });
  expect(all.map(({ answered }) => answered)).toEqual(then);

  rmSync(join(platform.dataFolder, 'fail-control'));
  await platform.routed();
  await clients.areAnswered();
  for (const { heard } of clients.watches)
    await until(() => heard.at(-1) === 'SERVING', { what: 'health says SERVING' });
  await clients.stop();
  for (const { heard } of clients.watches)
    expect(heard).toEqual(['SERVING', 'UNAVAILABLE', 'NOT_SERVING', 'SERVING']);
});

it('one is killed while it takes its leave: what it had still to answer is cut off, and nothing else is', async () => {
  const platform = await started();
  const leaving = [await connectedTo(0, platform), await connectedTo(0, platform)];
  const kept = await connectedTo(1, platform);
  const clients = new Clients(platform, [...leaving, kept]);
  await clients.areAnswered();
  const underWay = await ask(leaving, many);
  await clients.dismiss(platform.inferencePid(0), leaving, underWay);
  const killed = clients.kill(0);
  await areGone(platform, killed);
  await areReplaced(platform, killed);
  await clients.areAnswered();
  await clients.stop();
  const cutOff = refusedOf(leaving, underWay);
  expect(cutOff.length).toBeGreaterThan(0);
  expect(cutOff.length).toBeLessThan(underWay.length);
  expect(kept.refusals).toEqual([]);
  const told = ['SERVING', 'NOT_SERVING', 'OK', 'SERVING'];
  expect(clients.watches.map(({ heard }) => heard)).toEqual([told, told, ['SERVING']]);
});

it('one is killed while all take their leave: the other answers what it has, and channels find the next platform', async () => {
  const platform = await started({ drainTimeoutMs: 60_000 });
  const lost = await connectedTo(0, platform);
  const kept = [await connectedTo(1, platform), await connectedTo(1, platform)];
  const clients = new Clients(platform, [lost, ...kept]);
  await clients.areAnswered();
  const { grpc, dataFolder } = platform;
  const underWay = await ask([lost], many);
  const underWayOfKept = await ask(kept, 30);
  await clients.dismiss(platform.pid, clients.all, underWay);
  clients.kill(0);
  // Not all that was under way has been answered.
  expect(await platform.ended).toBe(1);
  expect(platform.logged('process ended before all was done')).toMatchObject([{ process: 'inference-0' }]);

  const next = await started({ processes: 1, dataFolder, grpcPort: Number(grpc.split(':').at(-1)) });
  expect(next.grpc).toBe(grpc);
  await clients.areAnswered();
  await clients.stop();
  const cutOff = refusedOf([lost], underWay);
  expect(cutOff.length).toBeGreaterThan(0);
  expect(cutOff.length).toBeLessThan(underWay.length);
  expect(refusedOf(kept, underWayOfKept)).toEqual([]);
  for (const { heard } of clients.watches) {
    expect(heard.slice(0, 3)).toEqual(['SERVING', 'NOT_SERVING', 'OK']);
    expect(new Set(heard.slice(3, -1))).toEqual(new Set(['UNAVAILABLE']));
    expect(heard.at(-1)).toBe('SERVING');
  }
});

/** Those of the calls with these ids that were not answered. */
function refusedOf(channels: readonly CallsInFlight[], ids: readonly string[]) {
  return channels.flatMap(({ refusals }) => refusals).filter(({ id }) => ids.includes(id));
}

/** Changes a byte of the version's file in the cache. */
function damageArtifact(platform: Platform): void {
  const table = join(platform.dataFolder, 'plugins', 'serving', 'table.json');
  const { deployments } = JSON.parse(readFileSync(table, 'utf8')) as {
    readonly deployments: readonly { readonly versions: readonly { readonly path: string }[] }[];
  };
  const { path } = deployments[0]!.versions[0]!;
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  rmSync(path);
  writeFileSync(path, bytes);
}
