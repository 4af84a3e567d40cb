import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { Attachment } from '../../../core/plugin.ts';
import { datasetKind } from '../../../plugins/models/dataset.ts';
import { datasetController } from '../../../plugins/models/dataset-controller.ts';
import { plugin } from '../../../plugins/models/index.ts';
import { modelKind } from '../../../plugins/models/model.ts';
import { modelController } from '../../../plugins/models/model-controller.ts';
import { modelVersionKind } from '../../../plugins/models/model-version.ts';
import { modelVersionController } from '../../../plugins/models/model-version-controller.ts';
import type { ModelVersionSpec } from '../../../schemas/generated/model-version.ts';
import { manifestOf, relatedTo } from '../../fixtures/manifest.ts';
import { requestFor } from '../../fixtures/request.ts';

const sha256 = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`;
const tensor = { name: 'x', datatype: 'FP32' as const, shape: [-1, 1] };
const signature: ModelVersionSpec['signature'] = { inputs: [tensor], outputs: [{ ...tensor, name: 'y' }] };
const pointer = `version https://git-lfs.github.com/spec/v1\noid ${sha256('model')}\nsize 5\n`;

/** Blobs by id, handed out in pieces of three bytes, and how often each was opened. */
function blobs(contents: Readonly<Record<string, string>>) {
  const opened: string[] = [];
  return {
    opened,
    async *read(blob: string): AsyncGenerator<Uint8Array> {
      opened.push(blob);
      const content = contents[blob];
      if (content === undefined) throw new Error(`no blob ${blob}`);
      for (let at = 0; at < content.length; at += 3) yield Buffer.from(content.slice(at, at + 3));
    },
  };
}

function version(
  artifact: { uri?: string; digest?: string; size?: number },
  more: Partial<ModelVersionSpec> = {},
  attachments: readonly Attachment[] = [{ path: 'models/m/versions/1.0.0.onnx', blob: 'b1', size: 5 }],
) {
  const { uri = 'file:1.0.0.onnx', digest = sha256('model'), size = 5 } = artifact;
  const spec = { artifact: { uri, digest, size }, signature, ...more };
  return manifestOf(modelVersionKind, { name: '1.0.0', model: 'm' }, spec, { attachments });
}

const reconcile = async (
  resource: ReturnType<typeof version>,
  contents = blobs({ b1: 'model' }),
  cell?: never,
) => {
  const request = requestFor(modelVersionKind, resource, [], cell === undefined ? {} : { cell });
  const outcome = await modelVersionController(contents.read).reconcile(request as never);
  return { outcome, saved: request.saved.cell as never, opened: contents.opened };
};

describe('the controller of versions', () => {
  it('verifies an artifact of the registry by its size and digest', async () => {
    const { outcome } = await reconcile(version({}));
    expect(outcome).toMatchObject({ state: 'ready', reason: 'ArtifactVerified', facts: { size: 5 } });
  });

  it('reads a blob once, and again only when it is another', async () => {
    const first = await reconcile(version({}));
    const again = await reconcile(version({}), blobs({}), first.saved);
    expect(again.outcome.reason).toBe('ArtifactVerified');
    expect(again.opened).toEqual([]);
    const wrong = await reconcile(version({ digest: sha256('other') }), blobs({}), first.saved);
    expect(wrong.outcome).toMatchObject({ state: 'stalled', reason: 'DigestMismatch' });
    const moved = version({}, {}, [{ path: 'models/m/versions/1.0.0.onnx', blob: 'b2', size: 5 }]);
    const anew = await reconcile(moved, blobs({ b2: 'model' }), first.saved);
    expect(anew.opened).toEqual(['b2']);
  });

  it('stalls on another digest, and names both', async () => {
    const { outcome } = await reconcile(version({ digest: sha256('other') }));
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'DigestMismatch',
      message: `models/m/versions/1.0.0.onnx is ${sha256('model')}, but its manifest says ${sha256('other')}`,
    });
  });

  it('stalls on another size', async () => {
    const { outcome } = await reconcile(version({ size: 6 }));
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'SizeMismatch',
      message: 'models/m/versions/1.0.0.onnx has 5 bytes, but its manifest says 6',
    });
  });

  it('takes a Git LFS pointer for what it stands for, and leaves that to the load', async () => {
    const { outcome } = await reconcile(version({}), blobs({ b1: pointer }));
    expect(outcome).toMatchObject({
      state: 'ready',
      reason: 'Registered',
      message: expect.stringContaining('is a Git LFS pointer to what m 1.0.0 declares'),
    });
  });

  it('refuses a Git LFS pointer to another file, and one whose own digest is declared', async () => {
    for (const digest of [sha256('other'), sha256(pointer)]) {
      const { outcome } = await reconcile(version({ digest }), blobs({ b1: pointer }));
      expect(outcome).toMatchObject({
        state: 'stalled',
        reason: 'LfsPointer',
        message: expect.stringContaining(`is a Git LFS pointer to ${sha256('model')} of 5 bytes`),
      });
    }
  });

  it('reads again what an earlier release did not look into', async () => {
    const cell = { blob: 'b1', digest: sha256(pointer), size: pointer.length, isLfsPointer: true } as never;
    const { outcome, opened } = await reconcile(version({}), blobs({ b1: pointer }), cell);
    expect(outcome).toMatchObject({ state: 'ready', reason: 'Registered' });
    expect(opened).toEqual(['b1']);
  });

  it('registers an artifact that lies elsewhere and leaves its verification to the load', async () => {
    const { outcome, opened } = await reconcile(version({ uri: 'https://example.com/1.onnx' }));
    expect(outcome).toMatchObject({ state: 'ready', reason: 'Registered' });
    expect(opened).toEqual([]);
  });

  it('refuses a quarantined version whatever its artifact is like', async () => {
    const quarantine = { reason: 'wrong in fog', since: '2026-03-01' };
    const { outcome, opened } = await reconcile(version({}, { quarantine }));
    expect(outcome).toMatchObject({
      state: 'stalled',
      reason: 'Quarantined',
      message: 'm 1.0.0 is quarantined since 2026-03-01: wrong in fog',
    });
    expect(opened).toEqual([]);
  });

  it('stalls when the commit holds no such file', async () => {
    const { outcome } = await reconcile(version({}, {}, []));
    expect(outcome).toMatchObject({ state: 'stalled', reason: 'ArtifactMissing' });
  });

  it('fails, to be tried again, when the blob cannot be read', async () => {
    await expect(reconcile(version({}), blobs({}))).rejects.toThrow('no blob b1');
  });

  it('stops reading when a newer commit pre-empts it', async () => {
    const abort = new AbortController();
    abort.abort();
    const request = requestFor(modelVersionKind, version({}), [], { signal: abort.signal });
    const run = modelVersionController(blobs({ b1: 'model' }).read).reconcile(request as never);
    await expect(run).rejects.toThrow();
    expect(request.saved.cell).toBeUndefined();
  });

  it('plans in words what it will do', () => {
    const controller = modelVersionController(blobs({}).read);
    const plain = version({});
    const related = relatedTo(modelVersionKind, plain, []);
    expect(controller.plan?.({ type: 'added', next: plain }, related)).toEqual([
      { action: 'verify', description: `verify the artifact of m 1.0.0 (${sha256('model')})` },
    ]);
    const condemned = version({}, { quarantine: { reason: 'wrong in fog' } });
    expect(controller.plan?.({ type: 'changed', previous: plain, next: condemned }, related)).toEqual([
      { action: 'quarantine', description: 'quarantine m 1.0.0: wrong in fog' },
    ]);
    expect(controller.plan?.({ type: 'changed', previous: condemned, next: plain }, related)).toEqual([
      { action: 'lift', description: 'lift the quarantine of m 1.0.0' },
    ]);
    expect(controller.plan?.({ type: 'removed', previous: plain }, related)).toEqual([]);
  });
});

describe('the controller of models', () => {
  const model = manifestOf(
    modelKind,
    { name: 'm' },
    { task: 'other' as const, description: 'm', owners: ['o'], signature },
  );
  const named = (name: string, more: Partial<ModelVersionSpec> = {}) =>
    manifestOf(
      modelVersionKind,
      { name, model: 'm' },
      { artifact: { uri: 'https://example.com/m', digest: sha256('m'), size: 1 }, signature, ...more },
    );
  const statusOf = (...versions: ReturnType<typeof named>[]) =>
    modelController().reconcile(requestFor(modelKind, model, versions));

  it('counts the versions and names the newest that is released and not quarantined', async () => {
    const quarantine = { reason: 'wrong' };
    const outcome = await statusOf(
      named('1.10.0'),
      named('1.9.0'),
      named('1.11.0', { quarantine }),
      named('2.0.0-rc.1'),
    );
    expect(outcome).toMatchObject({
      state: 'ready',
      reason: 'Registered',
      message: 'm has 4 versions; the newest is 1.10.0',
      facts: { versions: 4, latest: '1.10.0', quarantined: ['1.11.0'] },
    });
  });

  it('says so when there is none', async () => {
    expect(await statusOf()).toMatchObject({ state: 'ready', reason: 'NoVersions', facts: { versions: 0 } });
    expect(await statusOf(named('1.0.0-rc.1'))).toMatchObject({
      message: 'm has 1 version; none of them released',
    });
  });
});

describe('a dataset', () => {
  const column = { name: 'speed', type: 'number' as const };
  const fileOf = (version: string, content: string, uri = `file:${version}.csv`) => ({
    version,
    uri,
    digest: sha256(content),
    rows: 1,
    size: content.length,
  });
  const dataset = (
    versions: ReturnType<typeof fileOf>[],
    columns: object[] = [column],
    blobIds: string[] = [],
  ) =>
    manifestOf(
      datasetKind,
      { name: 'd' },
      { description: 'd', versions, columns: columns as never },
      {
        attachments: versions.map(({ version, size }, index) => ({
          path: `datasets/${version}.csv`,
          blob: blobIds[index] ?? `b-${version}`,
          size,
        })),
      },
    );
  const codesOf = (resource: ReturnType<typeof dataset>) =>
    datasetKind
      .validate?.(resource, relatedTo(datasetKind, resource, []))
      ?.map(({ code, pointer }) => [code, pointer]);

  it('has versions and columns with names of their own', () => {
    expect(codesOf(dataset([fileOf('1', 'a')]))).toEqual([]);
    expect(codesOf(dataset([fileOf('1', 'a'), fileOf('1', 'a')], [column, column]))).toEqual([
      ['DuplicateVersion', '/spec/versions/1/version'],
      ['DuplicateColumn', '/spec/columns/1/name'],
    ]);
  });

  it.each([
    [{ name: 'c', type: 'string', min: 1 }, '/spec/columns/0/min'],
    [{ name: 'c', type: 'date', max: 1 }, '/spec/columns/0/max'],
    [{ name: 'c', type: 'number', min: 2, max: 1 }, '/spec/columns/0/min'],
    [{ name: 'c', type: 'number', categories: ['a'] }, '/spec/columns/0/categories'],
    [{ name: 'c', type: 'number', maxMissing: 5 }, '/spec/columns/0/maxMissing'],
  ])('has columns whose promises are possible: not %j', (wrong, where) => {
    expect(codesOf(dataset([fileOf('1', 'a')], [wrong]))).toEqual([['InvalidColumn', where]]);
  });

  it('keeps credentials out of its URLs', () => {
    expect(codesOf(dataset([fileOf('1', 'a', 'https://u:p@example.com/a')]))).toEqual([
      ['CredentialsInUri', '/spec/versions/0/uri'],
    ]);
  });

  it('has its files verified, each blob once', async () => {
    const contents = blobs({ 'b-1': 'one', 'b-2': 'two' });
    const resource = dataset([fileOf('1', 'one'), fileOf('2', 'two')]);
    const controller = datasetController(contents.read);
    const request = requestFor<never, never>(datasetKind, resource as never, []);
    expect(await controller.reconcile(request)).toMatchObject({
      state: 'ready',
      reason: 'FilesVerified',
      message: '2 files have the size and the digest that the manifest declares',
      facts: { versions: 2, newest: '2' },
    });
    const again = requestFor<never, never>(datasetKind, resource as never, [], {
      cell: request.saved.cell as never,
    });
    expect(await controller.reconcile(again)).toMatchObject({ reason: 'FilesVerified' });
    expect(contents.opened).toEqual(['b-1', 'b-2']);
  });

  it('forgets blobs that no version names any more', async () => {
    const controller = datasetController(blobs({ 'b-2': 'two' }).read);
    const cell = { files: [{ blob: 'b-1', digest: sha256('one'), size: 3, isLfsPointer: false }] };
    const request = requestFor<never, never>(datasetKind, dataset([fileOf('2', 'two')]) as never, [], {
      cell: cell as never,
    });
    await controller.reconcile(request);
    expect(request.saved.cell).toMatchObject({ files: [{ blob: 'b-2' }] });
  });

  it('stalls on every file that is not what it should be, and tells all', async () => {
    const resource = dataset([fileOf('1', 'one'), { ...fileOf('2', 'two'), digest: sha256('other') }]);
    const contents = blobs({ 'b-1': pointer, 'b-2': 'two' });
    const outcome = await datasetController(contents.read).reconcile(
      requestFor<never, never>(datasetKind, resource as never, []),
    );
    expect(outcome).toMatchObject({ state: 'stalled', reason: 'LfsPointer' });
    expect(outcome.message).toContain('datasets/1.csv is a Git LFS pointer');
    expect(outcome.message).toContain('datasets/2.csv is sha256:');
  });

  it('is registered when its files lie elsewhere', async () => {
    const resource = dataset([fileOf('1', 'one', 'https://example.com/1.csv')]);
    const outcome = await datasetController(blobs({}).read).reconcile(
      requestFor<never, never>(datasetKind, resource as never, []),
    );
    expect(outcome).toMatchObject({ state: 'ready', reason: 'Registered' });
  });
});

it('the plugin owns the three kinds', () => {
  expect(plugin.name).toBe('models');
  expect(plugin.kinds?.map(({ kind }) => kind)).toEqual(['Model', 'ModelVersion', 'Dataset']);
});
