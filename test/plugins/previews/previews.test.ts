import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { readModel, writeModel } from '../../../libraries/onnx/index.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { allocatorSettings, heapFlags } from '../../../plugins/serving/dataplane/interface/process-memory.ts';
import { until } from '../../fixtures/until.ts';
import { giantModel } from '../serving/dataplane/fixtures/models.ts';
import { PreviewWorld } from './world.ts';

const production = 'environments/production/bird-strike.yaml';
let world: PreviewWorld;

afterEach(async () => {
  vi.unstubAllEnvs();
  await world.close();
  expect(world.processes()).toEqual([]);
});

async function open(...options: Parameters<PreviewWorld['open']>): Promise<void> {
  world = new PreviewWorld();
  await world.open(...options);
}

function promotion(): Record<string, string> {
  return { [production]: world.registry.read(production).replace('version: 1.0.0', 'version: 1.1.0') };
}

async function errorOf(
  answer: Response,
): Promise<{ status: number; code: string; message: string; retry: string | null }> {
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  return { status: answer.status, ...error, retry: answer.headers.get('retry-after') };
}

async function probabilityOf(answer: Response): Promise<number> {
  const { outputs } = (await answer.json()) as { outputs: { name: string; data: number[] }[] };
  return outputs.find(({ name }) => name === 'probability')!.data[0]!;
}

describe('a proposal', () => {
  it('answers with its version before it merges, in a process that knows nothing else', async () => {
    vi.stubEnv('SWITCHYARD_API_TOKEN', 'secret');
    vi.stubEnv('MALLOC_TRIM_THRESHOLD_', '1048576');
    await open();
    const { number } = await world.propose(promotion());
    const answer = await world.inferOnceLoaded(number, 'bird-strike');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('switchyard-proposal')).toBe(String(number));
    // No id of a deployment's answer.
    expect(answer.headers.get('switchyard-prediction-id')).toMatch(/^[0-9a-f-]{14}8[0-9a-f-]{21}$/);
    expect(answer.headers.get('switchyard-model-version')).toBe('1.1.0');
    expect(await probabilityOf(answer)).toBeCloseTo(0.4329118, 5);

    const [pid] = world.processes();
    if (process.platform === 'linux') {
      const read = (what: string) => readFileSync(`/proc/${pid}/${what}`, 'utf8').split('\0').filter(Boolean);
      const given = read('environ').filter((one) => !one.startsWith('NODE_CHANNEL_'));
      const settings = { ...allocatorSettings, MALLOC_TRIM_THRESHOLD_: '1048576' };
      expect(given.sort()).toEqual(
        Object.entries(settings)
          .map(([name, value]) => `${name}=${value}`)
          .sort(),
      );
      const [, ...words] = read('cmdline');
      expect(words.slice(0, heapFlags.length)).toEqual(heapFlags);
    }
    const metadata = await world.ask(`/proposals/${number}/v2/models/bird-strike`);
    expect(await metadata.json()).toMatchObject({ name: 'bird-strike', versions: ['1.1.0'] });
    expect((await world.ask(`/proposals/${number}/v2/models/bird-strike/ready`)).status).toBe(200);
    // Nothing of it is in production's table.
    const table = (await (await world.ask('/plugins/serving/table')).json()) as {
      table: { deployments: unknown[] };
    };
    expect(JSON.stringify(table)).not.toContain('"environment":"preview"');
    expect(await world.kernel.journal({ type: 'preview.loaded', limit: 1 })).toMatchObject([
      { data: { proposal: number, models: [{ name: 'bird-strike', versions: ['1.1.0'] }] } },
    ]);
  });

  it('that only registers versions answers with each of them, the newest first', async () => {
    await open();
    const bytes = world.registry.readBytes('models/bird-strike/artifacts/1.1.0.onnx');
    const touched = (how: string) => writeModel({ ...readModel(bytes), docString: how });
    const { number } = await world.propose({
      ...world.version('1.9.0', touched('nine')),
      ...world.version('1.10.0', touched('ten'), (text) =>
        text.replace('parents: [1.1.0]', 'parents: [1.9.0]'),
      ),
    });
    const answer = await world.inferOnceLoaded(number, 'bird-strike');
    expect(answer.headers.get('switchyard-model-version')).toBe('1.10.0');
    const older = await world.infer(number, 'bird-strike', undefined, '/versions/1.9.0');
    expect(older.headers.get('switchyard-model-version')).toBe('1.9.0');
    expect(await errorOf(await world.infer(number, 'other'))).toMatchObject({
      status: 404,
      code: 'NothingToPreview',
    });
  });

  it('is loaded by asking for it, told of, and released', async () => {
    await open();
    const { number, head } = await world.propose(promotion());
    const at = `/proposals/${number}/preview`;
    expect(await (await world.ask(at)).json()).toEqual({ proposal: number, state: 'not loaded' });
    expect(await errorOf(await world.ask(`/proposals/${number}/v2/models/bird-strike`))).toMatchObject({
      status: 503,
      code: 'PreviewNotLoaded',
      retry: '5',
    });
    expect(world.processes()).toEqual([]);
    const begun = await world.ask(at, { method: 'POST' });
    expect(begun.status).toBe(202);
    expect(await begun.json()).toMatchObject({ state: 'loading', head });
    await until(async () => ((await (await world.ask(at)).json()) as { state: string }).state === 'ready');
    expect((await world.ask(at, { method: 'POST' })).status).toBe(200);
    expect((await world.ask(at, { method: 'DELETE' })).status).toBe(204);
    expect(world.processes()).toEqual([]);
    expect(readdirSync(join(world.registry.parent, 'plugins/serving/previews'))).toEqual([]);
    expect((await world.ask(at, { method: 'PUT' })).status).toBe(405);
  });

  it('that moved answers with its new head, and one that is closed with nothing', async () => {
    await open();
    const bytes = world.registry.readBytes('models/bird-strike/artifacts/1.1.0.onnx');
    const proposal = await world.propose(promotion());
    expect((await world.inferOnceLoaded(proposal.number, 'bird-strike')).status).toBe(200);
    const [first] = world.processes();
    await world.update(proposal, {
      ...world.version('1.2.0', writeModel({ ...readModel(bytes), docString: 'moved' })),
      [production]: world.registry.read(production).replace('version: 1.0.0', 'version: 1.2.0'),
    });
    await until(async () => {
      const answer = await world.inferOnceLoaded(proposal.number, 'bird-strike');
      return answer.headers.get('switchyard-model-version') === '1.2.0';
    });
    expect(world.processes()).not.toContain(first);
    await world.forge.close(proposal.number, { by: { name: 'Ada', email: 'ada@example.com' }, reason: 'no' });
    await until(async () => (await world.infer(proposal.number, 'bird-strike')).status === 404);
    expect(await errorOf(await world.infer(proposal.number, 'bird-strike'))).toMatchObject({
      code: 'ProposalNotOpen',
    });
  });
});

describe('what cannot be tried is said to be so', () => {
  it('where there is no such proposal, or nothing to try in it', async () => {
    await open();
    expect(await errorOf(await world.infer(7, 'bird-strike'))).toMatchObject({
      status: 404,
      code: 'ProposalNotFound',
    });
    expect((await world.ask('/proposals/zero/v2')).status).toBe(404);
    const { number } = await world.propose({ 'README.md': 'Hello.\n' });
    expect(await errorOf(await world.infer(number, 'bird-strike'))).toMatchObject({
      status: 404,
      code: 'NothingToPreview',
    });
  });

  it('where it conflicts with its base, or its manifests are not valid', async () => {
    await open();
    const conflicting = await world.propose(promotion(), 'Conflicting');
    await world.registry.commit({
      [production]: world.registry.read(production).replace('version: 1.0.0', 'version: 9.9.9'),
    });
    expect(await errorOf(await world.infer(conflicting.number, 'bird-strike'))).toMatchObject({
      status: 409,
      code: 'MergeConflict',
      message: expect.stringContaining(production),
    });
    const broken = await world.propose(
      {
        'models/bird-strike/versions/1.3.0.yaml':
          'apiVersion: switchyard/v1\nkind: ModelVersion\nmetadata: { name: 1.3.0, model: bird-strike }\nspec: {}\n',
      },
      'Broken',
    );
    expect(await errorOf(await world.infer(broken.number, 'bird-strike'))).toMatchObject({
      status: 409,
      code: 'ProposalInvalid',
      message: expect.stringContaining('models/bird-strike/versions/1.3.0.yaml:'),
    });
  });

  it('where its artifact is no model: the data plane says why', async () => {
    await open();
    const { number } = await world.propose({
      ...world.version('1.2.0', Buffer.from('no model at all')),
      [production]: world.registry.read(production).replace('version: 1.0.0', 'version: 1.2.0'),
    });
    const answer = await world.inferOnceLoaded(number, 'bird-strike');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('ModelFailed');
  });

  it('where all that may be loaded are in use', async () => {
    await open({ atOnce: 1 });
    const first = await world.propose(promotion(), 'First');
    const staging = 'environments/staging/bird-strike.yaml';
    const second = await world.propose(
      { [staging]: world.registry.read(staging).replace('version: 1.0.0', 'version: 1.1.0') },
      'Second',
    );
    expect((await world.inferOnceLoaded(first.number, 'bird-strike')).status).toBe(200);
    expect(await errorOf(await world.infer(second.number, 'bird-strike'))).toMatchObject({
      status: 503,
      code: 'TooManyPreviews',
      retry: '30',
    });
    await world.ask(`/proposals/${first.number}/preview`, { method: 'DELETE' });
    expect((await world.inferOnceLoaded(second.number, 'bird-strike')).status).toBe(200);
  });

  it('to whoever lacks the token, where the platform has one', async () => {
    await open({}, 'open-sesame');
    const { number } = await world.propose(promotion());
    expect((await world.infer(number, 'bird-strike')).status).toBe(401);
    expect((await world.ask(`/proposals/${number}/preview`, { method: 'POST' })).status).toBe(401);
    expect(world.processes()).toEqual([]);
  });
});

describe('the process of a preview', () => {
  it('may crash, which hurts nobody, and is loaded anew when asked again later', async () => {
    await open();
    const { number } = await world.propose(promotion());
    await world.inferOnceLoaded(number, 'bird-strike');
    process.kill(world.processes()[0]!, 'SIGKILL');
    await until(() => world.processes().length === 0);
    expect(await errorOf(await world.infer(number, 'bird-strike'))).toMatchObject({
      status: 503,
      code: 'PreviewFailed',
      message: expect.stringContaining('SIGKILL'),
      retry: '30',
    });
    expect(await (await world.ask(`/proposals/${number}/preview`)).json()).toMatchObject({ state: 'failed' });
    // Releasing it forgets the failure.
    await world.ask(`/proposals/${number}/preview`, { method: 'DELETE' });
    expect((await world.inferOnceLoaded(number, 'bird-strike')).status).toBe(200);
  });

  it('is ended where it takes more memory than it may', async () => {
    await open({ maxMemoryMiB: 512 });
    const { bytes, signature } = giantModel();
    const { number } = await world.propose(
      world.version('2.0.0', bytes, (text) =>
        text
          .replace(/ {2}signature:[\s\S]*?(?= {2}lineage:)/, `  signature: ${JSON.stringify(signature)}\n`)
          .replace(/ {2}examples:[\s\S]*$/, ''),
      ),
    );
    const answer = await world.inferOnceLoaded(number, 'bird-strike');
    expect(await errorOf(answer)).toMatchObject({
      code: 'PreviewFailed',
      message: expect.stringContaining('of memory'),
    });
    expect(world.processes()).toEqual([]);
  });

  it('is released when nobody has asked it for a while', async () => {
    await open({ idle: '1s' });
    const { number } = await world.propose(promotion());
    await world.inferOnceLoaded(number, 'bird-strike');
    expect(world.processes()).toHaveLength(1);
    await until(() => world.processes().length === 0, { deadlineMs: 40_000 });
    expect(await world.kernel.journal({ type: 'preview.released', limit: 1 })).toMatchObject([
      { message: expect.stringContaining('nobody asked it for a while') },
    ]);
  });

  it('ends by itself when the process that started it is killed', async () => {
    world = new PreviewWorld();
    await world.open();
    const parent = fork(
      packageFile('test/plugins/previews/fixtures/preview-parent.mjs'),
      [world.registry.parent],
      {
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      },
    );
    const [pid] = (await once(parent, 'message')) as [number];
    parent.kill('SIGKILL');
    await until(() => !isAlive(pid));
  });
});

function isAlive(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}
