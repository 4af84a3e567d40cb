/** Two inference processes that share a control process, as they share a port: each is asked for what both did. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { until } from '../../../../fixtures/until.ts';
import { ServingWorld } from '../../world.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { InferenceClient } from '../grpc/client.ts';

interface Duration {
  readonly count: number;
  readonly ns: number;
}

interface Told {
  readonly name: string;
  readonly version: string;
  readonly last_inference: number;
  readonly inference_count: number;
  readonly execution_count: number;
  readonly inference_stats: Readonly<Record<string, Duration>>;
  readonly batch_stats: readonly { readonly batch_size: number; readonly compute_infer: Duration }[];
}

const folder = temporaryFolder();
const world = new ServingWorld();
let first: Serving;
let second: Serving;

beforeAll(async () => {
  await world.start();
  const served = table(
    deployment('linear', [
      pin(folder.path, '1.1.0', linearModel(2, 1)),
      pin(folder.path, '1.0.0', linearModel(2, 0)),
    ]),
    deployment('other', [pin(folder.path, '1.0.0', linearModel(3, 0))]),
    deployment('linear', [pin(folder.path, '0.9.0', linearModel(4, 0))], { environment: 'dev' }),
  );
  [first, second] = await Promise.all([start('0'), start('1')]);
  for (const serving of [first, second]) await serving.follow(served);
  for (const port of [first.port, first.port, first.port, second.port])
    await inferJson(port, 'linear', row(1));
  await inferJson(second.port, 'linear', {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [3, 1], data: [1, 2, 3] }],
  });
  await inferJson(first.port, 'linear', { inputs: [] });
  await until(
    async () => (await statsOf('/v2/models/linear/stats'))[0]?.inference_stats.success?.count === 5,
  );
});

afterAll(async () => {
  await Promise.all([first.stop(), second.stop()]);
  await world.close();
  folder.remove();
});

function start(id: string): Promise<Serving> {
  return startServing({ id, controlPath: world.paths.socket });
}

/** All names, with the types of what they name. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shapeOf(inner)]));
}

async function statsOf(path: string, { port }: Serving = first): Promise<readonly Told[]> {
  const { body } = await call(port, path);
  return body.model_stats as readonly Told[];
}

it('tells what all processes did, in the form of Triton', async () => {
  const [newer, older] = await statsOf('/v2/models/linear/stats');
  expect(newer).toMatchObject({
    name: 'linear',
    version: '1.1.0',
    inference_count: 7,
    execution_count: 5,
    inference_stats: {
      success: { count: 5 },
      fail: { count: 1 },
      queue: { count: 5 },
      compute_input: { count: 5 },
      compute_infer: { count: 5 },
      compute_output: { count: 5 },
      cache_hit: { count: 0, ns: 0 },
      cache_miss: { count: 0, ns: 0 },
    },
  });
  expect(
    newer?.batch_stats.map(({ batch_size, compute_infer }) => [batch_size, compute_infer.count]),
  ).toEqual([
    [1, 4],
    [3, 1],
  ]);
  for (const { ns } of Object.values(newer?.inference_stats ?? {}))
    expect(Number.isSafeInteger(ns)).toBe(true);
  expect(newer?.inference_stats.compute_infer?.ns).toBeGreaterThan(0);
  expect(newer?.last_inference).toBeGreaterThan(1_600_000_000_000);
  expect(older).toMatchObject({ version: '1.0.0', inference_count: 0, last_inference: 0, batch_stats: [] });
});

it('has the form that its page shows', async () => {
  const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
  const shown = JSON.parse(page.match(/```json statistics\n([\s\S]*?)```/)?.[1] ?? '');
  const told = await statsOf('/v2/models/linear/versions/1.1.0/stats');
  expect(shapeOf(told)).toEqual(shapeOf(shown.model_stats));
});

it('says how many processes it is of, and the same whoever is asked', async () => {
  const { headers } = await call(first.port, '/v2/models/linear/stats');
  expect(headers['switchyard-processes']).toBe('2');
  await until(
    async () => (await statsOf('/v2/models/linear/stats', second))[0]?.inference_stats.fail?.count === 1,
  );
  expect(await statsOf('/v2/models/linear/stats', second)).toEqual(await statsOf('/v2/models/linear/stats'));
});

it('tells of one version, of all models, and of another environment', async () => {
  const names = async (path: string) =>
    (await statsOf(path)).map(({ name, version }) => `${name} ${version}`);
  expect(await names('/v2/models/linear/versions/1.0.0/stats')).toEqual(['linear 1.0.0']);
  expect(await names('/v2/models/stats')).toEqual(['linear 1.1.0', 'linear 1.0.0', 'other 1.0.0']);
  expect(await names('/environments/dev/v2/models/stats')).toEqual(['linear 0.9.0']);
  expect(await names('/environments/dev/v2/models/linear/stats')).toEqual(['linear 0.9.0']);
});

it('knows no statistics of what is not there', async () => {
  for (const [path, code] of [
    ['/v2/models/nobody/stats', 'ModelNotFound'],
    ['/v2/models/linear/versions/7.0.0/stats', 'VersionNotFound'],
    ['/environments/nowhere/v2/models/stats', 'EnvironmentNotFound'],
  ] as const) {
    expect((await call(first.port, path)).body.code).toBe(code);
  }
});

it('tells the same over gRPC', async () => {
  const client = new InferenceClient(
    `127.0.0.1:${await first.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`,
  );
  const { body } = await client.call('ModelStatistics', { name: 'linear', version: '1.1.0' });
  client.close();
  const [stats] = body.model_stats as [Record<string, Record<string, { count: string }>>];
  expect(stats).toMatchObject({
    name: 'linear',
    version: '1.1.0',
    inference_count: '7',
    execution_count: '5',
  });
  expect(stats.inference_stats?.success?.count).toBe('5');
});

it('tells of itself alone while control is away', async () => {
  await world.stop();
  const { headers, body } = await call(first.port, '/v2/models/linear/stats');
  expect(headers['switchyard-processes']).toBe('1');
  expect((body.model_stats as readonly Told[])[0]?.inference_stats.success?.count).toBe(3);
  await world.start();
});
