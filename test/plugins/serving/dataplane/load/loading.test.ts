import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type {
  Example,
  PinnedVersion,
} from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { until } from '../../../../fixtures/until.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import {
  centredModel,
  countingModel,
  denseModel,
  encoderModel,
  externalDataModel,
  identityModel,
  linearModel,
  lookupModel,
  pin,
  twoSidedModel,
} from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;

beforeEach(async () => {
  folder = temporaryFolder();
  serving = await startServing();
});

afterEach(async () => {
  await serving.stop();
  folder.remove();
});

async function load(pinned: PinnedVersion) {
  await serving.follow(table(deployment('m', [pinned])));
  return serving.process.report().versions['production/m/1.0.0'];
}

const x = (data: readonly number[], width = 1) => ({
  name: 'x',
  datatype: 'FP32',
  shape: [data.length / width, width],
  data,
});
const y = (data: readonly number[], width = 1) => ({ ...x(data, width), name: 'y' });
const example = (more: Partial<Example> = {}): Example => ({
  name: 'golden',
  inputs: [x([3])],
  outputs: [y([7])],
  ...more,
});

describe('a version', () => {
  it('is ready once its artifact, signature, first runs and examples were checked', async () => {
    const pinned = pin(folder.path, '1.0.0', linearModel(2, 1), { examples: [example()] });
    expect(await load(pinned)).toMatchObject({
      state: 'ready',
      reason: 'Loaded',
      digest: pinned.digest,
      placement: 'inline',
      batchable: true,
      runMs: expect.any(Number),
      loadedAt: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    expect(serving.process.report().ready).toBe(true);
  });

  it.each([
    ['categories as texts', encoderModel()],
    ['inputs of several types', twoSidedModel()],
    ['indices into a table', lookupModel()],
    ['half-precision numbers', identityModel('FP16')],
    ['booleans', identityModel('BOOL')],
    ['sizes that vary everywhere', identityModel('FP32', ['N', 'A', 'B'])],
    ['no size that varies', identityModel('FP32', [1, 3])],
    ['a scalar', identityModel('FP32', [])],
  ])('is warmed up with inputs made up from its signature: %s', async (_, built) => {
    expect(await load(pin(folder.path, '1.0.0', built))).toMatchObject({ state: 'ready' });
  });

  it('does not batch a model that mixes its rows, whatever its shapes say', async () => {
    expect(await load(pin(folder.path, '1.0.0', centredModel()))).toMatchObject({
      state: 'ready',
      batchable: false,
    });
    const answers = await Promise.all([1, 2, 3, 4].map((value) => inferJson(serving.port, 'm', row(value))));
    expect(answers.map(({ body }) => body.outputs?.[0]?.data)).toEqual([[0], [0], [0], [0]]);
  });

  it('runs in a thread of its own where a run takes long, however small its file', async () => {
    const built = countingModel(20_000);
    expect(built.bytes.length).toBeLessThan(1_000);
    expect(await load(pin(folder.path, '1.0.0', built))).toMatchObject({
      state: 'ready',
      placement: 'worker',
    });
    const answer = await inferJson(serving.port, 'm', row(3));
    expect(answer.body.outputs?.[0]?.data).toEqual([20_003]);
  });

  it('runs in a thread of its own where its file is large, and answers from there', async () => {
    expect(await load(pin(folder.path, '1.0.0', denseModel(512, 8, 5)))).toMatchObject({
      state: 'ready',
      placement: 'worker',
    });
    const answer = await inferJson(serving.port, 'm', row(...new Array<number>(512).fill(0)));
    expect(answer.body.outputs?.[0]).toMatchObject({ shape: [1, 512] });
    expect(answer.body.outputs?.[0]?.data?.every((value) => value === 5)).toBe(true);
  });

  it('runs where its entry says', async () => {
    expect(await load(pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' }))).toMatchObject({
      placement: 'worker',
    });
    expect(await inferJson(serving.port, 'm', row(21))).toMatchObject({
      status: 200,
      body: { outputs: [{ data: [42] }] },
    });
  });
});

describe('a version that cannot be served', () => {
  it('says DigestMismatch when the file is not the one that was pinned', async () => {
    const pinned = pin(folder.path, '1.0.0', linearModel(2, 1));
    writeFileSync(pinned.path, linearModel(3, 1).bytes);
    const report = await load(pinned);
    expect(report).toMatchObject({ state: 'failed', reason: 'DigestMismatch' });
    expect(report?.message).toContain(pinned.digest);
  });

  it('says DigestMismatch when the file is cut short', async () => {
    const pinned = pin(folder.path, '1.0.0', linearModel(2, 1));
    truncateSync(pinned.path, 40);
    expect(await load(pinned)).toMatchObject({ state: 'failed', reason: 'DigestMismatch' });
  });

  it('says ArtifactUnreadable when the file is not there, or is a folder', async () => {
    const pinned = pin(folder.path, '1.0.0', linearModel(2, 1));
    expect(await load({ ...pinned, path: `${pinned.path}.gone` })).toMatchObject({
      reason: 'ArtifactUnreadable',
    });
    expect(await load({ ...pinned, path: folder.path })).toMatchObject({ reason: 'ArtifactUnreadable' });
  });

  const whole = linearModel(2, 1);
  it.each([
    ['some text', Buffer.from('version https://git-lfs.github.com/spec/v1')],
    ['nothing', Buffer.alloc(0)],
    ['half a model', whole.bytes.slice(0, whole.bytes.length / 2)],
    ['a model with its first byte turned', turned(whole.bytes, 0)],
    ['zeros', Buffer.alloc(1000)],
    ['an archive', Buffer.from('504b0304140000000800', 'hex')],
  ])('says InvalidModel when the file is %s', async (_, bytes) => {
    const pinned = pin(folder.path, '1.0.0', { ...whole, bytes });
    expect(await load(pinned)).toMatchObject({ state: 'failed', reason: 'InvalidModel' });
  });

  it('says ExternalData when a weight lies in another file, and opens no other file', async () => {
    expect(await load(pin(folder.path, '1.0.0', externalDataModel()))).toMatchObject({
      state: 'failed',
      reason: 'ExternalData',
    });
  });

  it('says SignatureMismatch with every difference', async () => {
    const { bytes } = twoSidedModel();
    const signature = {
      inputs: [
        { name: 'a', datatype: 'FP64', shape: [-1, 1] },
        { name: 'b', datatype: 'INT64', shape: [-1, 2] },
        { name: 'wort', datatype: 'BYTES', shape: [-1, 1] },
      ],
      outputs: [{ name: 'sum', datatype: 'FP32', shape: [-1, 1] }],
    };
    const report = await load(pin(folder.path, '1.0.0', { bytes, signature }));
    expect(report).toMatchObject({ state: 'failed', reason: 'SignatureMismatch' });
    for (const difference of [
      'input "a" is FP32 in the model, FP64 in the signature',
      'input "b" is [-1,1] in the model, [-1,2] in the signature',
      'the model has the input "word", the signature does not',
      'the signature has the input "wort", the model does not',
      'the model has the output "same", the signature does not',
    ]) {
      expect(report?.message).toContain(difference);
    }
  });

  it('says SignatureMismatch when the signature promises any size and the model takes one', async () => {
    const { bytes } = identityModel('FP32', [1, 3]);
    const tensor = (name: string, shape: number[]) => ({ name, datatype: 'FP32', shape });
    const signature = { inputs: [tensor('x', [-1, 3])], outputs: [tensor('y', [1, 3])] };
    expect(await load(pin(folder.path, '1.0.0', { bytes, signature }))).toMatchObject({
      reason: 'SignatureMismatch',
    });
  });

  it('says ExampleMismatch when an answer is further off than the tolerance', async () => {
    const answersSeven = (more: Partial<Example>) =>
      load(pin(folder.path, '1.0.0', linearModel(2, 1), { examples: [example(more)] }));
    expect(
      await answersSeven({ outputs: [y([7.2])], tolerance: { absolute: 0.5, relative: 0 } }),
    ).toMatchObject({ state: 'ready' });
    const off = await answersSeven({ outputs: [y([7.2])], tolerance: { absolute: 0.1, relative: 0 } });
    expect(off).toMatchObject({ state: 'failed', reason: 'ExampleMismatch' });
    expect(off?.message).toMatch(/example "golden": output "y" is 7 at 0, expected 7.2/);
    expect(
      await answersSeven({ outputs: [y([7.2])], tolerance: { absolute: 0, relative: 0.1 } }),
    ).toMatchObject({ state: 'ready' });
    expect(await answersSeven({ outputs: [y([7, 7])] })).toMatchObject({ reason: 'ExampleMismatch' });
  });

  it('compares texts and whole numbers exactly', async () => {
    const one = (name: string, datatype: string, data: (string | number)[]) => ({
      name,
      datatype,
      shape: [1, 1],
      data,
    });
    const inputs = [one('a', 'FP32', [1]), one('b', 'INT64', [2]), one('word', 'BYTES', ['yes'])];
    const right = { name: 'words', inputs, outputs: [one('same', 'BYTES', ['yes'])] };
    const wrong = { ...right, outputs: [one('same', 'BYTES', ['yes '])] };
    expect(await load(pin(folder.path, '1.0.0', twoSidedModel(), { examples: [right] }))).toMatchObject({
      state: 'ready',
    });
    expect(await load(pin(folder.path, '1.0.0', twoSidedModel(), { examples: [wrong] }))).toMatchObject({
      reason: 'ExampleMismatch',
    });
  });

  it('says ExampleFailed when an example does not fit the model, or makes it fail', async () => {
    const linear = (examples: Example[]) => load(pin(folder.path, '1.0.0', linearModel(2, 1), { examples }));
    expect(await linear([example({ inputs: [] })])).toMatchObject({ reason: 'ExampleFailed' });
    expect(await linear([example({ inputs: [x([1, 2], 2)] })])).toMatchObject({ reason: 'ExampleFailed' });
    expect(await linear([example({ inputs: [x([1]), { ...x([1]), name: 'z' }] })])).toMatchObject({
      reason: 'ExampleFailed',
    });
    const far = {
      name: 'far',
      inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }],
      outputs: [],
    };
    expect(await load(pin(folder.path, '1.0.0', lookupModel(), { examples: [far] }))).toMatchObject({
      reason: 'ExampleFailed',
    });
  });

  it('leaves the version that answers in place, and its neighbours', async () => {
    const good = pin(folder.path, '1.0.0', linearModel(2, 0));
    const neighbour = deployment('n', [pin(folder.path, '1.0.0', linearModel(5, 0))]);
    const first = deployment('m', [good]);
    await serving.follow(table(first, neighbour));
    const bad = pin(folder.path, '2.0.0', { ...whole, bytes: Buffer.from('rubbish') });
    await serving.follow(table(deployment('m', [bad]), neighbour));
    const report = serving.process.report();
    expect(report.versions['production/m/2.0.0']).toMatchObject({ state: 'failed', reason: 'InvalidModel' });
    expect(report.versions['production/m/1.0.0']).toMatchObject({ state: 'ready' });
    expect(report.routes['production/m']).toBe(first.generation);
    expect(await inferJson(serving.port, 'm', row(2))).toMatchObject({
      body: { model_version: '1.0.0', outputs: [{ data: [4] }] },
    });
    expect(await inferJson(serving.port, 'n', row(2))).toMatchObject({ body: { outputs: [{ data: [10] }] } });
    expect(report.ready).toBe(true);
  });

  it('is loaded when its entry changes after the file was mended', async () => {
    const pinned = pin(folder.path, '1.0.0', linearModel(2, 0));
    const bytes = readFileSync(pinned.path);
    writeFileSync(pinned.path, 'cut');
    expect(await load(pinned)).toMatchObject({ reason: 'DigestMismatch' });
    writeFileSync(pinned.path, bytes);
    await serving.follow(table(deployment('m', [pinned], { commit: 'another' })));
    await until(() => serving.process.report().versions['production/m/1.0.0']?.state === 'ready');
    expect(await inferJson(serving.port, 'm', row(4))).toMatchObject({
      status: 200,
      headers: { 'switchyard-commit': 'another' },
    });
  });
});

function turned(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at] = copy[at]! ^ 0xff;
  return copy;
}
