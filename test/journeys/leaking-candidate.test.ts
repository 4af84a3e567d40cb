import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { heldOutStrikes, type Strike, tensorsOf } from '../../demo/strikes.ts';
import { Traffic } from '../../demo/traffic.ts';
import { node, readModel, tensor, writeModel } from '../../libraries/onnx/index.ts';
import { type Platform, Yard } from './yard.ts';

// Whole platforms, on machines that may be busy.
vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const ref = 'Deployment/staging/bird-strike';
let yard: Yard;
let platform: Platform;
let strikes: readonly Strike[];

beforeAll(async () => {
  yard = await Yard.open();
  strikes = (await heldOutStrikes(join(yard.registry, 'data', 'bird-strikes.csv'), 1995, 1996)).slice(0, 40);
  await writeFile(
    join(yard.folder, 'switchyard.config.yaml'),
    'processes: 2\nplugins:\n  serving: { memoryLimit: 400MiB }\n',
  );
  platform = await yard.up();
  await platform.converged();
});
afterAll(() => yard?.close(), 60_000);

/** The same model, which takes 4 MiB for each row that it is asked about at once, and gives none of it back. */
function hungry(artifact: Uint8Array): Uint8Array {
  const model = readModel(artifact);
  const { graph } = model;
  if (graph === undefined) throw new Error('the model has no graph');
  const nodes = (graph.node ?? []).map((one) => ({
    ...one,
    output: (one.output ?? []).map((name) => (name === 'probability' ? 'modest' : name)),
  }));
  const more = [
    node('Shape', ['speed_knots'], ['shape']),
    node('Mul', ['shape', 'per_row'], ['room']),
    node('ConstantOfShape', ['room'], ['zeros']),
    node('ReduceMax', ['zeros'], ['zero']),
    node('Add', ['modest', 'zero'], ['probability']),
  ];
  const perRow = tensor('per_row', 'INT64', [2], [1n, BigInt(1024 * 1024)]);
  return writeModel({
    ...model,
    graph: { ...graph, node: [...nodes, ...more], initializer: [...(graph.initializer ?? []), perRow] },
  });
}

/** Publishes it as 1.2.0. */
async function publish(): Promise<void> {
  const folder = join(yard.registry, 'models', 'bird-strike');
  const bytes = hungry(await readFile(join(folder, 'artifacts', '1.1.0.onnx')));
  await writeFile(join(folder, 'artifacts', '1.2.0.onnx'), bytes);
  await yard.git('add', '-f', 'models/bird-strike/artifacts/1.2.0.onnx');
  const text = await readFile(join(folder, 'versions', '1.1.0.yaml'), 'utf8');
  const digest = createHash('sha256').update(bytes).digest('hex');
  await yard.commit('models/bird-strike/versions/1.2.0.yaml', () =>
    text
      .replaceAll('1.1.0', '1.2.0')
      .replace(/digest: sha256:\w+\n( +size: )\d+/, `digest: sha256:${digest}\n$1${bytes.length}`),
  );
}

interface Facts {
  readonly rollout?: { readonly step: number };
  readonly aborted?: { readonly version: string; readonly reason: string };
}
const facts = async (): Promise<Facts> => (await platform.resource(ref)).status?.facts ?? {};

it('a candidate that takes ever more memory is rolled back, its processes are replaced, and no request is lost', async () => {
  await publish();
  const before = await platform.children('inference');
  await yard.strategy('staging', 'canary:\n  steps: [{ setWeight: 50 }, { pause: {} }]', '1.2.0');
  await platform.until('it is on trial', async () => {
    return (await facts()).rollout?.step === 2 && (await platform.allFollow());
  });
  const traffic = new Traffic(platform.target('staging'), strikes, 2);
  const url = `${platform.run.inference}/environments/staging/v2/models/bird-strike/infer`;
  // A connection of its own each time, so that every process is asked.
  const headers = { 'content-type': 'application/json', connection: 'close' };
  const many = JSON.stringify({ inputs: tensorsOf([...strikes, ...strikes, ...strikes]) });
  await platform.until('it is rolled back', async () => {
    const { status } = await fetch(url, { method: 'POST', body: many, headers });
    if (status !== 200) throw new Error(`a request of many rows was answered with ${status}`);
    return (await facts()).aborted !== undefined;
  });
  expect(await facts()).toMatchObject({ aborted: { version: '1.2.0', reason: 'ProcessesLost' } });
  await platform.until('every process follows', () => platform.allFollow());
  expect((await traffic.stop()).failures).toEqual([]);

  const { conditions = [] } = (await platform.resource(ref)).status ?? {};
  expect(conditions.find(({ type }) => type === 'Degraded')).toMatchObject({
    reason: 'RolledBack',
    message: expect.stringMatching(/2 inference processes ended .* had grown beyond its memory limit/),
  });
  const told = await platform.journal(`&ref=${ref}&type=rollout.processLost`);
  expect(told.map(({ message }) => message)).toEqual(
    Array(2).fill(expect.stringContaining('had grown beyond its memory limit, and held 1.2.0')),
  );
  const metrics = await (await fetch(`${platform.run.api}/metrics`)).text();
  const lost = metrics.matchAll(/^switchyard_inference_process_losses_total\{.*cause="memory"\} (\d+)$/gm);
  expect([...lost].reduce((sum, [, count]) => sum + Number(count), 0)).toBe(2);
  const after = await platform.children('inference');
  expect(after).toHaveLength(before.length);
  expect(platform.log).toContain('MemoryLimitExceeded');
});
