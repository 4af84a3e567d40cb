/** What a real inference process counts, as Prometheus is told of it by control. */
import { Agent } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DesiredServing } from '../../../../core/capabilities/serving-runtime.ts';
import { until } from '../../../fixtures/until.ts';
import { type Child, spawnChild } from '../dataplane/fixtures/child.ts';
import { call, inferJson, row } from '../dataplane/fixtures/client.ts';
import { endlessModel, linearModel } from '../dataplane/fixtures/models.ts';
import { desired, ServingWorld } from '../world.ts';

const mebibyte = 2 ** 20;
const signal = new AbortController().signal;
const world = new ServingWorld({ processes: 1 });
let child: Child;

beforeAll(async () => {
  await world.start();
  child = await spawnChild('--control', world.paths.socket);
});

afterAll(async () => {
  // Some of what it runs never ends.
  child.process.kill('SIGKILL');
  await child.ended;
  await world.close();
});

async function serve(asked: DesiredServing): Promise<void> {
  await until(async () => (await world.runtime.serve(asked, signal)).routed, { deadlineMs: 60_000 });
}

/** The value of the one series of that name with all these labels; undefined where there is none. */
async function sample(
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number | undefined> {
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  const lines = (await world.metrics())
    .split('\n')
    .filter((line) => line.startsWith(`switchyard_${name}{`) && pairs.every((pair) => line.includes(pair)));
  expect(lines.length, `${name} ${pairs.join()}`).toBeLessThan(2);
  return lines[0] === undefined ? undefined : Number(lines[0].split('} ')[1]);
}

/** Processes report each second. */
const counts = (value: number, name: string, labels?: Readonly<Record<string, string>>) =>
  until(async () => (await sample(name, labels)) === value, { deadlineMs: 60_000, what: `${name} ${value}` });

it('counts loads and swaps, and by version runs, waits, and what was found among kept answers', async () => {
  const began = performance.now();
  const [first, second] = [
    world.version('1.0.0', linearModel(2, 0).bytes),
    world.version('2.0.0', linearModel(3, 0).bytes),
  ];
  const cache = { bytes: 1024 ** 2, ttlMs: 3_600_000 };
  await serve(desired([first], { cache }));
  for (const [x, found] of [
    [3, 'miss'],
    [3, 'hit'],
    [4, 'miss'],
    [3, 'hit'],
    [4, 'hit'],
  ] as const) {
    const answer = await inferJson(child.port, 'bird-strike', row(x));
    expect([answer.headers['switchyard-cache'], answer.body.outputs?.[0]?.data]).toEqual([found, [2 * x]]);
  }
  const stable = { version: '1.0.0', role: 'stable' };
  await counts(5, 'requests_total', { ...stable, code: '200' });
  expect(await sample('cache_requests_total', { ...stable, result: 'hit' })).toBe(3);
  expect(await sample('cache_requests_total', { ...stable, result: 'miss' })).toBe(2);
  expect(await sample('cache_requests_total', { ...stable, result: 'shared' })).toBe(0);
  const kept = { environment: 'production', deployment: 'bird-strike' };
  expect(await sample('cache_entries', kept)).toBe(2);
  expect(await sample('cache_bytes', kept)).toBeGreaterThan(0);
  expect(await sample('cache_evictions_total', kept)).toBe(0);
  // Who is given what was kept waits for no run, and has none.
  expect(await sample('batch_rows_count', stable)).toBe(2);
  expect(await sample('batch_rows_sum', stable)).toBe(2);
  expect(await sample('request_queue_seconds_count', stable)).toBe(2);
  expect(await sample('request_duration_seconds_count', stable)).toBe(5);
  // What answers for the first time takes the place of nothing.
  expect(await sample('model_load_seconds_count')).toBe(1);
  expect(await sample('model_swap_seconds_count')).toBe(0);

  await serve(desired([second, first], { cache }));
  expect((await inferJson(child.port, 'bird-strike', row(3))).body.outputs?.[0]?.data).toEqual([9]);
  await counts(1, 'model_swap_seconds_count');
  await counts(1, 'requests_total', { version: '2.0.0', role: 'stable', code: '200' });
  expect(await sample('model_loads_total')).toBe(2);
  expect(await sample('model_load_seconds_count')).toBe(2);
  const seconds = (performance.now() - began) / 1000;
  for (const name of ['model_load_seconds_sum', 'model_swap_seconds_sum', 'request_duration_seconds_sum']) {
    const sum = await sample(name, name.startsWith('model') ? {} : { version: '2.0.0' });
    expect(sum, name).toBeGreaterThan(0);
    expect(sum, name).toBeLessThan(seconds);
  }
  for (const held of [
    { version: '1.0.0', role: 'warm' },
    { version: '2.0.0', role: 'stable' },
  ]) {
    expect(await sample('model_loaded', held)).toBe(1);
    expect(await sample('model_replicas', held)).toBe(1);
    // They are as good as equal, and the runtime itself, which came with the first, belongs to neither.
    const { size } = held.version === '1.0.0' ? first.artifact : second.artifact;
    const bytes = await sample('model_memory_bytes', held);
    expect(bytes).toBeGreaterThanOrEqual(size);
    expect(bytes, held.version).toBeLessThan(3 * mebibyte);
    expect(await sample('model_last_load_seconds', held)).toBeGreaterThan(0);
  }
  for (const [name, value] of [
    ['model_load_failures_total', 0],
    ['model_unloads_total', 0],
    ['worker_restarts_total', 0],
  ] as const)
    expect(await sample(name), name).toBe(value);
});

it('counts a request whose client goes away before its turn, and who waits meanwhile', async () => {
  const endless = world.version('1.0.0', endlessModel({ byInput: true }).bytes);
  await serve(
    desired([{ ...endless, placement: 'worker' }], {
      name: 'slow',
      batching: { maxBatchSize: 1, maxDelayMs: 0 },
      limits: { maxQueue: 10, timeoutMs: 3_600_000 },
    }),
  );
  const version = { deployment: 'slow', version: '1.0.0' };
  const agents: Agent[] = [];
  const ask = (): Agent => {
    const agent = new Agent();
    agents.push(agent);
    call(child.port, '/v2/models/slow/infer', { agent, body: JSON.stringify(row(1e15)) }).catch(() => {});
    return agent;
  };
  // One runs and another one is at hand to the thread; the others wait.
  for (let asked = 0; asked < 4; asked++) ask();
  await counts(2, 'requests_waiting', version);
  const last = ask();
  await counts(3, 'requests_waiting', version);
  expect(await sample('requests_cancelled_total', version)).toBe(0);
  last.destroy();
  await counts(1, 'requests_cancelled_total', version);
  expect(await sample('requests_waiting', version)).toBe(2);
  for (const agent of agents) agent.destroy();
  await counts(3, 'requests_cancelled_total', version);
});

it('tells the memory of a version that is loaded beside other work by its file, and its threads', async () => {
  // Runs that do not end are under way, and nobody knows what they take.
  const beside = world.version('1.0.0', linearModel(5, 0).bytes);
  await serve(desired([beside], { name: 'beside' }));
  const { size } = beside.artifact;
  await counts(size, 'model_memory_bytes', { deployment: 'beside' });
  await serve(desired([{ ...beside, placement: 'worker', replicas: 2 }], { name: 'beside-threads' }));
  await counts(2 * (size + 10 * mebibyte), 'model_memory_bytes', { deployment: 'beside-threads' });
});
