import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadSnapshot } from '../../../core/manifest/load-snapshot.ts';
import { defineKind, type KindDefinition } from '../../../core/plugin.ts';
import type { Repository } from '../../../libraries/git/repository.ts';
import { git } from '../../fixtures/registry.ts';
import { deploymentKind, modelKind, smallKinds, versionKind } from './small-kinds.ts';
import {
  deployment,
  environment,
  goodFiles,
  model,
  places,
  SmallRegistry,
  version,
} from './small-registry.ts';

let registry: SmallRegistry;
beforeEach(async () => {
  registry = await SmallRegistry.open();
});
afterEach(() => registry.close());

const path = 'models/fraud/model.yaml';

describe('a snapshot', () => {
  it('holds every resource of a commit with its origin', async () => {
    const snapshot = await registry.load(goodFiles);
    expect(snapshot.issues).toEqual([]);
    expect([...snapshot.resources.keys()].sort()).toEqual([
      'Deployment/dev/fraud',
      'Environment/dev',
      'Model/churn',
      'Model/fraud',
      'ModelVersion/fraud/1.0.0',
      'ModelVersion/fraud/1.1.0',
    ]);
    const resource = snapshot.resources.get('Model/fraud');
    expect(resource).toMatchObject({
      kind: 'Model',
      metadata: { name: 'fraud' },
      spec: { task: 'regression' },
      origin: { commit: snapshot.commit, path, line: 1, column: 1 },
      attachments: [],
    });
    expect(resource?.digest).toMatch(/^sha256:[0-9a-f]{64}$/);
  });

  it('has the time of its commit', async () => {
    const snapshot = await registry.load(goodFiles);
    expect(snapshot.time).toBe(Number(git(registry.folder, 'log', '-1', '--format=%ct', 'main')));
  });

  it('cannot be changed', async () => {
    const snapshot = await registry.load(goodFiles);
    const resource = snapshot.resources.get('Model/fraud');
    expect(() => Object.assign(resource?.spec as object, { task: 'other' })).toThrow(TypeError);
    expect(() => Object.assign(resource?.origin as object, { line: 9 })).toThrow(TypeError);
  });

  it('reads several manifests of one file, wherever in the registry and with either ending', async () => {
    const all = `# All of it.\n${model('a')}---\n${model('b')}---\n---\n${model('c')}`;
    const snapshot = await registry.load({ 'all.yml': all });
    expect(snapshot.issues).toEqual([]);
    expect([...snapshot.resources.values()].map(({ ref, origin }) => `${ref} ${origin.line}`)).toEqual([
      'Model/a 2',
      'Model/b 9',
      'Model/c 17',
    ]);
  });

  it('does not look into what is none of its business', async () => {
    const broken = 'apiVersion: switchyard/v1\nkind: [';
    const snapshot = await registry.load({
      ...goodFiles,
      '.github/workflows/check.yaml': broken,
      '.sops.yaml': broken,
      'models/fraud/.hidden/model.yaml': broken,
      'README.md': broken,
      'models/fraud/card.md': broken,
      'docker-compose.yaml': 'services: {}\n',
      'chart/templates/web.yaml': '{{ if }}\n',
    });
    expect(snapshot.issues).toEqual([]);
    expect(snapshot.resources.size).toBe(6);
  });

  it('is empty for an empty registry', async () => {
    const snapshot = await registry.load({ 'README.md': 'hello' });
    expect([snapshot.resources.size, snapshot.issues, snapshot.unidentified]).toEqual([0, [], []]);
  });

  it('ends its work when it is no longer wanted', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 200 }, (_, index) => [`models/m${index}/model.yaml`, model(`m${index}`)]),
    );
    const commit = await registry.commit(files);
    const load = loadSnapshot({
      repository: registry.repository,
      commit,
      kinds: smallKinds,
      signal: AbortSignal.abort(new Error('a newer commit came')),
    });
    await expect(load).rejects.toThrow('a newer commit came');
  });

  it('says which kind has a schema that cannot be used', async () => {
    const kinds = [{ ...modelKind, schema: { type: 'nonsense' } }];
    await expect(registry.load({ [path]: model('fraud') }, { kinds })).rejects.toMatchObject({
      code: 'KindSchemaInvalid',
      message: expect.stringContaining('Model'),
    });
  });
});

describe('a broken manifest', () => {
  it.each([
    ['with a mistake of its schema', model('fraud', 'task: guess'), 'UnknownValue'],
    ['with a key twice', `${model('fraud')}  task: regression\n`, 'DuplicateKey'],
    ['with an alias', `${model('fraud')}  owner: *nobody\n`, 'AliasRefused'],
  ])('%s is known by its ref and hurts no neighbour', async (_what, content, code) => {
    const snapshot = await registry.load({ ...goodFiles, [path]: content });
    expect(snapshot.issues).toMatchObject([{ code, path, ref: 'Model/fraud', severity: 'error' }]);
    expect(snapshot.broken).toEqual(new Map([['Model/fraud', path]]));
    expect(snapshot.unidentified).toEqual([]);
    expect(snapshot.resources.size).toBe(5);
  });

  it.each([
    ['that is not YAML', `${model('fraud')}  owner: [`, 'InvalidYaml'],
    ['that is not text', Buffer.from([0xff, 0xfe, 0x00]), 'InvalidEncoding'],
    ['that is huge', `${model('fraud')}# ${'x'.repeat(300 * 1024)}`, 'FileTooLarge'],
    ['that is no manifest', '- 1\n', 'NotAManifest'],
    ['without a name', model('fraud').replace('name: fraud', 'labels: {}'), 'MissingField'],
    ['with a slip in its kind', model('fraud').replace('Model', 'Modell'), 'UnknownKind'],
    ['with a name that cannot be one', model('Fraud'), 'InvalidName'],
  ])('%s could be anything, and is guessed by its path', async (_what, content, code) => {
    const snapshot = await registry.load({ ...goodFiles, [path]: content });
    expect(snapshot.issues[0]).toMatchObject({ code, path, ref: 'Model/fraud', severity: 'error' });
    expect(snapshot.unidentified).toEqual([path]);
    expect(snapshot.broken.get('Model/fraud')).toBe(path);
    // Whoever refers to it is not told that it is missing.
    expect(snapshot.issues.filter(({ path: where }) => where !== path)).toEqual([]);
    expect(snapshot.resources.size).toBe(5);
  });

  it('is found wherever it lies, once it speaks of Switchyard, also when it is huge', async () => {
    const snapshot = await registry.load({
      'elsewhere/a.yaml': `${model('a')}  owner: [`,
      'elsewhere/b.yaml': Buffer.from(model('b'), 'utf16le'),
      'elsewhere/c.yaml': `${model('c')}# ${'x'.repeat(300 * 1024)}`,
      'elsewhere/d.yaml': 'x'.repeat(300 * 1024),
    });
    expect(snapshot.unidentified).toEqual(['elsewhere/a.yaml', 'elsewhere/b.yaml', 'elsewhere/c.yaml']);
  });

  it('keeps the documents beside it in its file', async () => {
    const snapshot = await registry.load({
      'all.yaml': `${model('a')}---\n${model('b', 'task: no')}---\n${model('c')}`,
    });
    expect([...snapshot.resources.keys()]).toEqual(['Model/a', 'Model/c']);
    expect(places(snapshot)).toEqual(['all.yaml:13:9 UnknownValue']);
  });

  it('says more than its file where ten thousand good ones stand around it', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 300 }, (_, index) => [`models/m${index}/model.yaml`, model(`m${index}`)]),
    );
    const snapshot = await registry.load({ ...files, 'models/bad/model.yaml': '[' });
    expect(snapshot.resources.size).toBe(300);
    expect(snapshot.issues).toHaveLength(1);
  });
});

describe('two documents with the same ref', () => {
  it('are both broken, and each names the other', async () => {
    const snapshot = await registry.load({
      ...goodFiles,
      'models/copy.yaml': `# Copied.\n${model('fraud')}`,
    });
    expect(snapshot.issues.map(({ path: where, line, message }) => [where, line, message])).toEqual([
      ['models/copy.yaml', 5, 'Model/fraud is declared at models/fraud/model.yaml:1 too'],
      ['models/fraud/model.yaml', 4, 'Model/fraud is declared at models/copy.yaml:2 too'],
    ]);
    expect(snapshot.resources.has('Model/fraud')).toBe(false);
    expect(snapshot.broken.has('Model/fraud')).toBe(true);
  });

  it('are well again when one goes', async () => {
    const before = await registry.load({ ...goodFiles, 'models/copy.yaml': model('fraud') });
    const after = await registry.load({ 'models/copy.yaml': null }, { previous: before });
    expect(after.issues).toEqual([]);
    expect(after.resources.size).toBe(6);
  });
});

describe('a reference', () => {
  it('to what is not there is an error at its field, with what was probably meant', async () => {
    const snapshot = await registry.load({
      ...goodFiles,
      'environments/dev/fraud.yaml': deployment('fraud', 'dev', 'model: frod, version: 1.0.0'),
      'environments/dev/churn.yaml': deployment('churn', 'dev', 'model: churn, version: 2.0.0'),
    });
    expect(
      snapshot.issues.map(({ path: where, line, column, message, hint }) => ({
        at: `${where}:${line}:${column}`,
        message,
        hint,
      })),
    ).toEqual([
      {
        at: 'environments/dev/churn.yaml:4:32',
        message: 'there is no ModelVersion `2.0.0` of `churn`',
        hint: 'Add a ModelVersion of `churn` with this name, or correct the field.',
      },
      {
        at: 'environments/dev/fraud.yaml:4:16',
        message: 'there is no Model `frod`',
        hint: 'Did you mean `fraud`?',
      },
      {
        at: 'environments/dev/fraud.yaml:4:31',
        message: 'there is no ModelVersion `1.0.0` of `frod`',
        hint: 'Add a ModelVersion of `frod` with this name, or correct the field.',
      },
    ]);
    expect([...snapshot.broken.keys()]).toEqual(['Deployment/dev/churn', 'Deployment/dev/fraud']);
  });

  it('to what begins with a vowel is told with its own article', async () => {
    const { 'environments/dev/environment.yaml': _, ...others } = goodFiles;
    const { issues } = await registry.load(others);
    expect(issues.map(({ hint }) => hint)).toEqual([
      'Add an Environment with this name, or correct the field.',
    ]);
  });

  it('may be optional', async () => {
    const snapshot = await registry.load({
      ...goodFiles,
      'models/fraud/versions/1.0.0.yaml': version('fraud', '1.0.0', 'inputs: 3, parents: ["0.9.0"]'),
    });
    expect(snapshot.issues).toEqual([]);
  });

  it('to a broken document is no error of its own', async () => {
    const snapshot = await registry.load({ ...goodFiles, [path]: model('fraud', 'task: no') });
    expect(snapshot.broken).toEqual(new Map([['Model/fraud', path]]));
    expect(snapshot.resources.has('Deployment/dev/fraud')).toBe(true);
  });

  it('with a pattern reaches all of a scope and nothing else', async () => {
    const snapshot = await registry.load({
      ...goodFiles,
      'models/churn/versions/1.0.0.yaml': version('churn', '1.0.0', 'inputs: 9'),
      'models/fraud/versions/1.2.0.yaml': version('fraud', '1.2.0', 'inputs: 2'),
    });
    expect(snapshot.issues).toMatchObject([
      {
        code: 'FewerInputs',
        path: 'models/fraud/versions/1.2.0.yaml',
        message: 'reads fewer columns than 1.0.0',
      },
    ]);
  });

  it('wakes only where it says so', async () => {
    const { referrers } = await registry.load(goodFiles);
    expect(referrers.get('Model/fraud')).toEqual(
      new Set(['ModelVersion/fraud/1.0.0', 'ModelVersion/fraud/1.1.0', 'Deployment/dev/fraud']),
    );
    expect(referrers.get('ModelVersion/fraud/*')).toBeUndefined();
  });

  it('shows a kind nothing that it did not refer to', async () => {
    const seen: unknown[] = [];
    const kind = defineKind<{ readonly model: string }>({
      ...(deploymentKind as KindDefinition<never>),
      references: () => [{ to: 'Model/fraud', pointer: '/spec/model' }],
      validate(_resource, related) {
        seen.push(related.get('Model/fraud')?.ref, related.get('Model/churn'), related.matching('Model/*'));
        return [];
      },
    });
    await registry.load(goodFiles, { kinds: [modelKind, versionKind, kind as KindDefinition] });
    expect(seen).toEqual(['Model/fraud', undefined, []]);
  });
});

describe('a plugin that fails on a resource', () => {
  const failing = (fields: Partial<KindDefinition>) => [{ ...modelKind, ...fields } as KindDefinition];
  const fail = () => {
    throw new Error('no column');
  };

  it.each(['references', 'attachments', 'validate'] as const)(
    'in its %s breaks that resource alone',
    async (method) => {
      const kinds = failing({
        [method]: (resource: { ref: string }) => (resource.ref === 'Model/bad' ? fail() : []),
      });
      const snapshot = await registry.load({ 'a.yaml': `${model('bad')}---\n${model('good')}` }, { kinds });
      expect(snapshot.issues).toMatchObject([
        {
          code: 'ValidationCrashed',
          message: 'the plugin that owns Model failed on it: no column',
          ref: 'Model/bad',
          path: 'a.yaml',
          line: 1,
        },
      ]);
      expect([...snapshot.resources.keys()]).toEqual(['Model/good']);
    },
  );

  it('is not let through with a flood of findings, nor with text that moves the cursor', async () => {
    const finding = { code: 'Odd', pointer: '/spec', message: 'red \u001b[31m\nnext' };
    const kinds = failing({ validate: () => new Array(500).fill(finding) });
    const snapshot = await registry.load({ [path]: model('fraud') }, { kinds });
    expect(snapshot.issues).toHaveLength(21);
    expect(snapshot.issues.at(-1)?.message).toBe('red \\u001b[31m\\u000anext');
  });
});

describe('an attachment', () => {
  const carded = model(
    'fraud',
    'task: regression\n  card: models/fraud/card.md\n  attach: models/fraud/weights.bin',
  );
  const files = {
    [path]: carded,
    'models/fraud/card.md': '# Fraud\n',
    'models/fraud/weights.bin': Buffer.from([0, 255, 1]),
  };

  it('comes with its id, its size and, where asked, its text', async () => {
    const snapshot = await registry.load(files);
    expect(snapshot.issues).toEqual([]);
    const blob = (name: string) => git(registry.folder, 'rev-parse', `main:${name}`);
    expect(snapshot.resources.get('Model/fraud')?.attachments).toEqual([
      { path: 'models/fraud/card.md', blob: blob('models/fraud/card.md'), size: 8, text: '# Fraud\n' },
      { path: 'models/fraud/weights.bin', blob: blob('models/fraud/weights.bin'), size: 3 },
    ]);
  });

  it('changes the digest of the resource that stands on it', async () => {
    const before = await registry.load(files);
    const after = await registry.load({ 'models/fraud/weights.bin': 'other' }, { previous: before });
    expect(after.resources.get('Model/fraud')?.digest).not.toBe(before.resources.get('Model/fraud')?.digest);
    const again = await registry.load(
      { 'models/fraud/weights.bin': Buffer.from([0, 255, 1]) },
      { previous: after },
    );
    expect(again.resources.get('Model/fraud')?.digest).toBe(before.resources.get('Model/fraud')?.digest);
  });

  it('can be warned of by the kind that read it', async () => {
    const snapshot = await registry.load({ ...files, 'models/fraud/card.md': 'DRAFT' });
    expect(snapshot.issues).toMatchObject([{ code: 'DraftCard', severity: 'warning', line: 7, column: 9 }]);
    expect(snapshot.resources.has('Model/fraud')).toBe(true);
  });

  it.each([
    ['is missing', null, 'AttachmentMissing'],
    ['is not text', Buffer.from([0xff]), 'AttachmentNotText'],
    ['is too large to be read', 'x'.repeat(256 * 1024 + 1), 'AttachmentTooLarge'],
  ])('breaks its resource where it %s', async (_what, content, code) => {
    await registry.commit(files);
    const snapshot = await registry.load({ 'models/fraud/card.md': content });
    expect(snapshot.issues).toMatchObject([{ code, path, line: 7, column: 9, ref: 'Model/fraud' }]);
    expect(snapshot.broken.has('Model/fraud')).toBe(true);
  });

  it.each(['../card.md', '/etc/passwd', 'models//card.md', 'models/fraud', '.github/card.md', ''])(
    'is not found at %j',
    async (card) => {
      const snapshot = await registry.load({
        ...files,
        [path]: model('fraud', `task: regression\n  card: ${JSON.stringify(card)}`),
      });
      expect(snapshot.issues).toMatchObject([{ code: 'AttachmentMissing', pointer: '/spec/card' }]);
    },
  );

  it('may be a YAML file that is no manifest, also among manifests', async () => {
    const attached = {
      [path]: model('fraud', 'task: regression\n  attach: models/fraud/values.yaml'),
      'models/fraud/values.yaml': 'a: [1]\n',
    };
    const before = await registry.load(attached);
    expect([before.issues, before.unidentified]).toEqual([[], []]);
    const after = await registry.load({ [path]: model('fraud') }, { previous: before });
    expect(after.unidentified).toEqual(['models/fraud/values.yaml']);
  });
});

describe('a link', () => {
  const link = async (name: string, mode: '120000' | '160000') => {
    await registry.commit(goodFiles);
    const object =
      mode === '160000'
        ? git(registry.folder, 'rev-parse', 'main')
        : git(registry.folder, 'rev-parse', `main:${path}`);
    return linkTo(name, mode, object);
  };
  const linkTo = async (name: string, mode: string, object: string) => {
    const index = { GIT_INDEX_FILE: `${registry.folder}/index-of-the-test` };
    const environmentBefore = process.env;
    process.env = { ...process.env, ...index };
    try {
      git(registry.folder, 'read-tree', 'main');
      git(registry.folder, 'rm', '-r', '-q', '--cached', '--ignore-unmatch', name);
      git(registry.folder, 'update-index', '--add', '--cacheinfo', `${mode},${object},${name}`);
      const tree = git(registry.folder, 'write-tree');
      return git(registry.folder, 'commit-tree', '-m', 'Link', '-p', 'main', tree);
    } finally {
      process.env = environmentBefore;
    }
  };
  const load = (commit: string) =>
    loadSnapshot({ repository: registry.repository, commit, kinds: smallKinds });

  it('is refused in place of a manifest, and nothing is removed meanwhile', async () => {
    const snapshot = await load(await link('models/churn/model.yaml', '120000'));
    expect(snapshot.issues).toMatchObject([{ code: 'LinkRefused', path: 'models/churn/model.yaml' }]);
    expect(snapshot.unidentified).toEqual(['models/churn/model.yaml']);
  });

  it('is refused in place of a folder of manifests', async () => {
    for (const mode of ['120000', '160000'] as const) {
      const snapshot = await load(await link('models', mode));
      expect(snapshot.issues[0]).toMatchObject({ code: 'MissingReference' });
      expect(snapshot.issues).toContainEqual(
        expect.objectContaining({ code: 'LinkRefused', path: 'models' }),
      );
      expect(snapshot.unidentified).toEqual(['models']);
      registry.rewind(git(registry.folder, 'rev-parse', 'main'));
    }
  });

  it('elsewhere is worth a warning, and as a plain file nothing', async () => {
    const snapshot = await load(await link('docs/model.yaml', '120000'));
    expect(snapshot.issues).toMatchObject([{ code: 'LinkRefused', severity: 'warning' }]);
    expect(snapshot.unidentified).toEqual([]);
    expect((await load(await link('models/fraud/card.md', '120000'))).issues).toEqual([]);
  });
});

describe('a file name', () => {
  it('that is not UTF-8 is read like any other', async () => {
    await registry.commit({ 'a.yaml': model('gruesse') });
    const blob = git(registry.folder, 'rev-parse', 'main:a.yaml');
    const line = Buffer.concat([
      Buffer.from(`100644 blob ${blob}\tgr`),
      Buffer.from([0xfc, 0xdf]),
      Buffer.from('e.yaml\0'),
    ]);
    const tree = execFileSync('git', ['mktree', '-z'], {
      cwd: registry.folder,
      input: line,
      encoding: 'utf8',
    });
    const commit = git(registry.folder, 'commit-tree', '-m', 'Latin', tree.trim());
    const snapshot = await loadSnapshot({ repository: registry.repository, commit, kinds: smallKinds });
    expect(snapshot.issues).toEqual([]);
    expect(snapshot.resources.get('Model/gruesse')?.origin.path).toMatch(/^gr.+e\.yaml$/);
  });

  it('that holds a line break is refused, and cannot break a line of the report', async () => {
    const snapshot = await registry.load({ ...goodFiles, 'models/a\n::error::b.yaml': model('a') });
    expect(snapshot.issues).toMatchObject([
      { code: 'InvalidFileName', path: 'models/a\\u000a::error::b.yaml' },
    ]);
    expect(snapshot.unidentified).toHaveLength(1);
  });
});

describe('a snapshot after another', () => {
  it('keeps the objects of what did not change, with the commit in which they were read', async () => {
    const first = await registry.load(goodFiles);
    const second = await registry.load(
      { [path]: model('fraud', 'task: classification') },
      { previous: first },
    );
    for (const [ref, resource] of second.resources) {
      if (ref === 'Model/fraud') expect(resource.origin.commit).toBe(second.commit);
      else expect(resource).toBe(first.resources.get(ref));
    }
  });

  it('keeps the object of a document that did not change in a file that did', async () => {
    const first = await registry.load({ 'all.yaml': `${model('a')}---\n${model('b')}` });
    const second = await registry.load(
      { 'all.yaml': `${model('a')}---\n${model('b', 'task: classification')}` },
      { previous: first },
    );
    expect(second.resources.get('Model/a')).toBe(first.resources.get('Model/a'));
    expect(second.resources.get('Model/b')).not.toBe(first.resources.get('Model/b'));
  });

  it('reads nothing but what differs', async () => {
    const first = await registry.load(goodFiles);
    const commit = await registry.commit({
      'models/churn/model.yaml': model('churn', 'task: classification'),
    });
    const read: string[] = [];
    const { repository } = registry;
    const watched: Pick<Repository, 'commit' | 'tree' | 'blobs' | 'blobSize' | 'openBlob'> = {
      commit: (id) => repository.commit(id),
      tree: (id) => {
        read.push('tree');
        return repository.tree(id);
      },
      blobs: (ids, most) => {
        read.push(...ids.map(() => 'blob'));
        return repository.blobs(ids, most);
      },
      blobSize: (id) => repository.blobSize(id),
      openBlob: (id) => repository.openBlob(id),
    };
    await loadSnapshot({ repository: watched, commit, kinds: smallKinds, previous: first });
    expect(read).toEqual(['tree', 'tree', 'tree', 'blob']);
  });

  it('judges anew what refers to something that changed', async () => {
    const first = await registry.load({
      ...goodFiles,
      'environments/dev/fraud.yaml': deployment('fraud', 'dev', 'model: fraud, version: 1.0.0, replicas: 3'),
    });
    expect(first.issues).toEqual([]);
    const second = await registry.load(
      { 'models/fraud/versions/1.0.0.yaml': version('fraud', '1.0.0', 'inputs: 2') },
      { previous: first },
    );
    expect(places(second)).toEqual(['environments/dev/fraud.yaml:4:49 TooManyReplicas']);
  });

  it('finds what was missing once it is there, and misses it again', async () => {
    const first = await registry.load({ ...goodFiles, [path]: null });
    expect(first.issues.map(({ code }) => code)).toEqual([
      'MissingReference',
      'MissingReference',
      'MissingReference',
    ]);
    const second = await registry.load({ [path]: model('fraud') }, { previous: first });
    expect(second.issues).toEqual([]);
    const third = await registry.load({ [path]: null }, { previous: second });
    expect(third.issues).toEqual(first.issues);
  });

  it('names a new neighbour in an old hint', async () => {
    const first = await registry.load({
      ...goodFiles,
      'environments/dev/x.yaml': deployment('x', 'dev', 'model: chrun, version: 1.0.0'),
    });
    expect(first.issues.find(({ pointer }) => pointer === '/spec/model')?.hint).toBe('Did you mean `churn`?');
    const second = await registry.load({ 'models/churn/model.yaml': null }, { previous: first });
    expect(second.issues.find(({ pointer }) => pointer === '/spec/model')?.hint).toBe('There are: `fraud`.');
  });

  it('follows a file that moves', async () => {
    const first = await registry.load(goodFiles);
    const moved = await registry.load(
      { [path]: null, 'models/renamed.yaml': model('fraud') },
      { previous: first },
    );
    expect(moved.issues).toEqual([]);
    expect(moved.resources.get('Model/fraud')?.origin).toMatchObject({
      path: 'models/renamed.yaml',
      commit: moved.commit,
    });
    expect(moved.resources.get('Model/fraud')?.digest).toBe(first.resources.get('Model/fraud')?.digest);
  });

  it('is read from nothing where the kinds are others', async () => {
    const first = await registry.load(goodFiles);
    const second = await registry.load({ 'README.md': 'x' }, { previous: first, kinds: [modelKind] });
    expect(second.resources.size).toBe(2);
    expect(second.issues.filter(({ code }) => code === 'UnknownKind')).toHaveLength(4);
  });

  it('may be of an unrelated commit', async () => {
    const first = await registry.load(goodFiles);
    const other = await SmallRegistry.open();
    try {
      const commit = await other.commit({ 'environments/dev/environment.yaml': environment('dev') });
      const snapshot = await loadSnapshot({
        repository: other.repository,
        commit,
        kinds: smallKinds,
        previous: first,
      });
      expect([...snapshot.resources.keys()]).toEqual(['Environment/dev']);
    } finally {
      await other.close();
    }
  });
});
