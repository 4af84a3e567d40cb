import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Examined } from '../../../../core/capabilities/registry.ts';
import type { Resource } from '../../../../core/plugin.ts';
import { int, model, node, value, writeModel } from '../../../../libraries/onnx/index.ts';
import { packageFile } from '../../../../libraries/package-files/index.ts';
import type { Change } from '../../../../plugins/proposals/changes/change.ts';
import type { Deployment, Version } from '../../../../plugins/proposals/changes/look-up.ts';
import { promote } from '../../../../plugins/proposals/changes/promote.ts';
import { propose } from '../../../../plugins/proposals/changes/propose.ts';
import { liftQuarantine, quarantine } from '../../../../plugins/proposals/changes/quarantine.ts';
import { register } from '../../../../plugins/proposals/changes/register.ts';
import { retire } from '../../../../plugins/proposals/changes/retire.ts';
import { rollback, versionsBefore } from '../../../../plugins/proposals/changes/rollback.ts';
import { applyIntent } from '../../../../plugins/proposals/intents/apply-intent.ts';
import type { ModelSpec } from '../../../../schemas/generated/model.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { ada, openWorld, production, type World } from '../proposal-world.ts';

let folder: ReturnType<typeof temporaryFolder>;
let world: World;
let base: Examined;

beforeAll(async () => {
  folder = temporaryFolder();
  world = await openWorld(folder.path);
  base = await world.registry.examine(world.git.git('rev-parse', 'main'));
}, 60_000);

afterAll(async () => {
  await world.close();
  folder.remove();
});

const asked = () => ({ base, author: ada, model: 'bird-strike' });
const codeOf = (work: () => unknown): string => {
  try {
    work();
    return 'nothing was thrown';
  } catch (error) {
    return String((error as { code?: unknown }).code);
  }
};
const hintOf = (work: () => unknown): string => {
  try {
    work();
    return '';
  } catch (error) {
    return String((error as { hint?: unknown }).hint);
  }
};

/** What the change makes of the base: the lines that go and come, by file. */
async function diffOf({ intent }: Change): Promise<readonly string[]> {
  const commit = base.commit;
  const changes = await applyIntent(world.repository, commit, intent.files);
  const head = await world.repository.makeCommit({ message: 'x\n', author: ada, parents: [commit], changes });
  return world.git
    .git('diff', '-U0', commit, head)
    .split('\n')
    .filter((line) => /^[-+]/.test(line));
}

async function afterChange({ intent }: Change): Promise<Examined> {
  const changes = await applyIntent(world.repository, base.commit, intent.files);
  const head = await world.repository.makeCommit({
    message: 'x\n',
    author: ada,
    parents: [base.commit],
    changes,
  });
  return world.registry.examine(head);
}

describe('promote', { timeout: 60_000 }, () => {
  it('changes the one line, with comment and order as they were', async () => {
    const change = promote({ ...asked(), to: 'production', version: '1.1.0' });
    expect(await diffOf(change)).toEqual([
      `--- a/${production}`,
      `+++ b/${production}`,
      '-  version: 1.0.0 # the line that a promotion changes',
      '+  version: 1.1.0 # the line that a promotion changes',
    ]);
    expect(change.intent).toMatchObject({
      key: 'version:Deployment/production/bird-strike',
      title: 'Promote bird-strike 1.1.0 to production',
      trailers: { 'Switchyard-Model': 'bird-strike', 'Switchyard-Environment': 'production' },
    });
  });

  it('takes what the environment before has, and warns of what skips it', () => {
    const staged = promote({ ...asked(), to: 'staging' });
    expect(staged.intent.title).toBe('Promote bird-strike 1.1.0 to staging');
    expect(staged.warnings).toEqual([]);
    const skipping = promote({ ...asked(), to: 'production', version: '1.1.0' });
    expect(skipping.warnings.map(({ code }) => code)).toEqual(['OffThePath']);
    const back = promote({ ...asked(), to: 'dev', version: '1.0.0' });
    expect(back.warnings.map(({ code }) => code)).toEqual(['OlderVersion']);
  });

  it('refuses nonsense, and says what was probably meant', () => {
    expect(hintOf(() => promote({ ...asked(), model: 'bird-stike', to: 'production' }))).toBe(
      'Did you mean `bird-strike`?',
    );
    expect(hintOf(() => promote({ ...asked(), to: 'prodution' }))).toBe('Did you mean `production`?');
    expect(codeOf(() => promote({ ...asked(), to: 'production', version: '9.0.0' }))).toBe('NoSuchVersion');
    expect(codeOf(() => promote({ ...asked(), to: 'production', version: '1.0.0' }))).toBe('AlreadyDeployed');
    expect(codeOf(() => promote({ ...asked(), to: 'production', deployment: 'other' }))).toBe(
      'NoSuchDeployment',
    );
  });

  it('refuses a quarantined version', async () => {
    const condemned = quarantine({
      ...asked(),
      version: '1.1.0',
      reason: 'Wrong.',
      now: Date.UTC(2026, 2, 1),
    });
    const after = await afterChange(condemned);
    expect(codeOf(() => promote({ ...asked(), base: after, to: 'production', version: '1.1.0' }))).toBe(
      'VersionQuarantined',
    );
    expect(codeOf(() => promote({ ...asked(), base: after, to: 'production' }))).toBe('AlreadyDeployed');
  });
});

describe('quarantine', { timeout: 60_000 }, () => {
  it('adds the reason and the time, warns where the version answers, and is lifted again', async () => {
    const change = quarantine({
      ...asked(),
      version: '1.1.0',
      reason: 'Error rate of 12 %\nin dev: "bad".',
      now: Date.UTC(2026, 2, 1, 14, 5),
    });
    expect(await diffOf(change)).toEqual([
      '--- a/models/bird-strike/versions/1.1.0.yaml',
      '+++ b/models/bird-strike/versions/1.1.0.yaml',
      '+  quarantine:',
      expect.stringContaining('+    reason: '),
      expect.stringMatching(/^\+ {4}since: ["']2026-03-01T14:05:00Z["']$/),
    ]);
    expect(change.warnings.map(({ message }) => message)).toEqual([
      'bird-strike 1.1.0 is deployed by dev/bird-strike',
    ]);
    const after = await afterChange(change);
    const version = after.resources.get('ModelVersion/bird-strike/1.1.0');
    expect(version?.spec).toMatchObject({ quarantine: { reason: 'Error rate of 12 % in dev: "bad".' } });
    expect(codeOf(() => liftQuarantine({ ...asked(), version: '1.1.0', reason: 'x' }))).toBe(
      'NotQuarantined',
    );
    expect(
      liftQuarantine({ ...asked(), base: after, version: '1.1.0', reason: 'Fixed.' }).intent.files,
    ).toEqual([
      {
        path: 'models/bird-strike/versions/1.1.0.yaml',
        ref: 'ModelVersion/bird-strike/1.1.0',
        edits: [{ op: 'remove', pointer: '/spec/quarantine' }],
      },
    ]);
  });
});

describe('rollback', { timeout: 60_000 }, () => {
  it('finds the version before in the history of the file', async () => {
    const text = world.read('main', production);
    world.commit({ [production]: text.replace('version: 1.0.0', 'version: 1.1.0') });
    const commit = world.git.git('rev-parse', 'main');
    const now = await world.registry.examine(commit);
    const deployment = now.resources.get('Deployment/production/bird-strike') as Deployment;
    const before = await versionsBefore(world.repository, commit, deployment);
    expect(before).toEqual(['1.0.0']);
    const change = rollback({ ...asked(), base: now, in: 'production', before });
    expect(change.intent).toMatchObject({
      key: 'version:Deployment/production/bird-strike',
      title: 'Roll bird-strike back to 1.0.0 in production',
      trailers: { 'Switchyard-Version': '1.0.0', 'Switchyard-Previous-Version': '1.1.0' },
    });
    expect(codeOf(() => rollback({ ...asked(), base: now, in: 'production', before: [] }))).toBe(
      'NothingToRollBackTo',
    );
    expect(codeOf(() => rollback({ ...asked(), base: now, in: 'production', to: '1.1.0' }))).toBe(
      'AlreadyDeployed',
    );
  });
});

describe('retire', { timeout: 60_000 }, () => {
  it('refuses what is deployed or continued', () => {
    expect(codeOf(() => retire({ ...asked(), version: '1.1.0' }))).toBe('VersionInUse');
    expect(codeOf(() => retire({ ...asked(), version: '1.0.0' }))).toBe('VersionInUse');
    expect(codeOf(() => retire(asked()))).toBe('ModelInUse');
  });

  it('takes the manifest and the artifact that nothing else stands on', async () => {
    const resources = new Map([...base.resources].filter(([ref]) => !ref.startsWith('Deployment/')));
    const unused = { ...base, resources };
    expect(retire({ ...asked(), base: unused, version: '1.1.0' }).intent.files).toEqual([
      { path: 'models/bird-strike/artifacts/1.1.0.onnx', remove: true },
      { path: 'models/bird-strike/versions/1.1.0.yaml', remove: true },
    ]);
    expect(retire({ ...asked(), base: unused }).intent.files.map(({ path }) => path)).toEqual([
      'models/bird-strike/artifacts/1.0.0.onnx',
      'models/bird-strike/artifacts/1.1.0.onnx',
      'models/bird-strike/card.md',
      'models/bird-strike/model.yaml',
      'models/bird-strike/versions/1.0.0.yaml',
      'models/bird-strike/versions/1.1.0.yaml',
    ]);
  });
});

describe('register', { timeout: 60_000 }, () => {
  const template = packageFile('registry-repo-template');
  const artifact = readFileSync(`${template}/models/bird-strike/artifacts/1.0.0.onnx`);
  /** The same model with one byte more of a name: the same signature, another digest. */
  const reexported = () => Buffer.concat([artifact, Buffer.from([0x12, 0x01, 0x78])]);

  it('writes a manifest that is valid, with the signature and the digest of the file', async () => {
    const examples = parse(readFileSync(`${template}/models/bird-strike/versions/1.1.0.yaml`, 'utf8')).spec
      .examples;
    const change = register({ ...asked(), artifact: reexported(), examples });
    expect(change.intent.trailers).toMatchObject({ 'Switchyard-Version': '1.2.0' });
    const after = await afterChange(change);
    const version = after.resources.get('ModelVersion/bird-strike/1.2.0');
    expect(version?.spec).toMatchObject({
      parents: ['1.1.0'],
      artifact: { uri: 'file:../artifacts/1.2.0.onnx', size: artifact.byteLength + 3 },
    });
    expect(after.issues.filter(({ path }) => path.endsWith('1.2.0.yaml'))).toEqual([]);
    const text = (await diffOf(change)).join('\n');
    expect(text).toContain('+      - { name: airport, datatype: BYTES, shape: [ -1, 1 ] }');
    expect(change.warnings.map(({ code }) => code)).toEqual(['LittleEvidence']);
  });

  it('counts the number by what changed: the same lineage a patch, other data a minor, a break a major', () => {
    const version = base.resources.get('ModelVersion/bird-strike/1.1.0') as Version;
    const { lineage } = version.spec;
    const number = (more: object, bytes: Uint8Array = reexported()) =>
      register({ ...asked(), artifact: bytes, ...more }).intent.trailers['Switchyard-Version'];
    expect(number({ lineage })).toBe('1.1.1');
    expect(number({ lineage: { ...lineage, seed: 2 } })).toBe('1.2.0');
    expect(number({}, otherSignature())).toBe('2.0.0');
    expect(number({ version: '1.4.0' })).toBe('1.4.0');
  });

  it('brings the model’s contract to the new signature', async () => {
    const change = register({ ...asked(), artifact: otherSignature() });
    const after = await afterChange(change);
    const owner = after.resources.get('Model/bird-strike') as Resource<ModelSpec>;
    expect(owner.spec.signature.inputs).toEqual([
      {
        name: 'speed_knots',
        datatype: 'FP32',
        shape: [-1, 1],
        description: expect.stringContaining('airspeed'),
      },
    ]);
    expect(after.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('does not break what the model is compared by: that is stale, and a warning', async () => {
    const change = register({ ...asked(), artifact: otherSignature('chance') });
    const after = await afterChange(change);
    const found = after.issues.filter(({ path }) => path.endsWith('model.yaml'));
    expect(found.map(({ code, severity }) => `${severity} ${code}`)).toEqual(['warning EvaluationStale']);
    expect(found[0]?.message).toContain('fits 1.0.0');
    expect(after.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('registers nothing of a model that is not there, and says how one is made', () => {
    const artifact = otherSignature();
    expect(hintOf(() => register({ ...asked(), model: 'fraud', artifact }))).toBe(
      'There are: `bird-strike`. For a new one commit models/NAME/model.yaml and card.md first: see docs/kinds/model.md.',
    );
  });

  it('refuses what is no model, is there already, or has too low a number', () => {
    expect(codeOf(() => register({ ...asked(), artifact }))).toBe('ArtifactRegistered');
    expect(codeOf(() => register({ ...asked(), artifact: Buffer.from('hello') }))).toBe('ArtifactInvalid');
    const again = { ...asked(), artifact: reexported() };
    expect(codeOf(() => register({ ...again, version: '1.1.0' }))).toBe('VersionExists');
    expect(codeOf(() => register({ ...again, version: '1.0.9' }))).toBe('VersionTooLow');
    expect(codeOf(() => register({ ...again, version: 'two' }))).toBe('VersionInvalid');
    expect(codeOf(() => register({ ...asked(), artifact: otherSignature(), version: '1.2.0' }))).toBe(
      'VersionTooLow',
    );
    expect(codeOf(() => register({ ...again, examples: { no: 1 } }))).toBe('ExamplesInvalid');
    expect(codeOf(() => register({ ...again, line: 'eu' }))).toBe('NoSuchVersion');
  });

  function otherSignature(score = 'probability'): Uint8Array {
    return writeModel(
      model({
        name: 'other',
        inputs: [value('speed_knots', 'FP32', ['N', 1])],
        outputs: [value('label', 'INT64', ['N', 1]), value(score, 'FP32', ['N', 1])],
        initializers: [],
        nodes: [
          node('Sigmoid', ['speed_knots'], [score]),
          node('Cast', [score], ['label'], { attributes: { to: int(7) } }),
        ],
        opsets: { 'ai.onnx': 17 },
      }),
    );
  }
});

describe('propose', () => {
  it('takes what a person changed, and refuses nothing at all', () => {
    const files = new Map([
      ['models/a.yaml', Buffer.from('a')],
      ['models/b.yaml', null],
    ]);
    const { intent } = propose({ base, author: ada, title: 'docs: say more', files });
    expect(intent.files).toEqual([
      { path: 'models/a.yaml', content: 'YQ==' },
      { path: 'models/b.yaml', remove: true },
    ]);
    expect(codeOf(() => propose({ base, author: ada, title: 'x', files: new Map() }))).toBe('NothingChanged');
  });
});
