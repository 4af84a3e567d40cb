import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Examined } from '../../../../core/capabilities/registry.ts';
import { readModel } from '../../../../libraries/onnx/index.ts';
import type { Version } from '../../../../plugins/proposals/changes/look-up.ts';
import { register } from '../../../../plugins/proposals/changes/register.ts';
import { applyIntent } from '../../../../plugins/proposals/intents/apply-intent.ts';
import {
  type MergeLinesAsked,
  type MergeLinesChange,
  mergeLines,
} from '../../../../plugins/proposals/lines/merge-lines.ts';
import type { ModelSpec } from '../../../../schemas/generated/model.ts';
import { burnModel, burnVersion, type Files, fuelModel } from '../../../fixtures/fuel-model.ts';
import { temporaryFolder } from '../../../fixtures/git-repository.ts';
import { ada, openWorld, type World } from '../proposal-world.ts';

let folder: ReturnType<typeof temporaryFolder>;
let world: World;

beforeEach(async () => {
  folder = temporaryFolder();
  world = await openWorld(folder.path);
}, 60_000);
afterEach(async () => {
  await world.close();
  folder.remove();
});

const first = burnVersion('1.0.0', { weights: [1, 1, 1], bias: 1 });
const ours = { weights: [2.5, 0.5, -1.5], bias: 2 };
const theirs = { weights: [1.5, 0.5, -0.5], bias: 4 };
/** `examples` of a version are promises; versions that changed all of them leave nothing to merge. */
const noExamples = { spec: { examples: undefined } };

/** Both lines went on from 1.0.0, with weights of their own. */
const parted: Files = {
  ...fuelModel('1.1.0'),
  ...first,
  ...burnVersion('1.1.0', ours, { parents: ['1.0.0'], ...noExamples }),
  ...burnVersion('1.2.0', theirs, { line: 'eu', parents: ['1.0.0'], ...noExamples }),
};

async function baseOf(...files: readonly Files[]): Promise<Examined> {
  const base = await world.registry.examine(world.git.commit(Object.assign({}, ...files)));
  expect(base.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  return base;
}

const asked = (base: Examined, more: Partial<MergeLinesAsked> = {}): MergeLinesAsked => ({
  base,
  author: ada,
  model: 'fuel',
  from: 'eu',
  into: 'main',
  read: async (version: Version) =>
    (await world.repository.readFile(
      base.commit,
      `models/fuel/artifacts/${version.metadata.name}.onnx`,
      1e6,
    )) ?? new Uint8Array(),
  ...more,
});

const average = (weight = 0.5) => ({ artifact: { from: 'average', weight } }) as const;

async function problemOf(work: Promise<unknown> | (() => unknown)) {
  try {
    await (typeof work === 'function' ? work() : work);
  } catch (error) {
    const { code, message, hint } = error as { code?: string; message: string; hint?: string };
    return { code, message, hint };
  }
  return { code: 'nothing was thrown', message: '', hint: '' };
}

/** The registry as it would be after the change; a change that is not valid fails the test. */
async function afterChange(base: Examined, { intent }: MergeLinesChange) {
  const changes = await applyIntent(world.repository, base.commit, intent.files);
  const parents = [base.commit];
  const head = await world.repository.makeCommit({ message: 'x\n', author: ada, parents, changes });
  const examined = await world.registry.examine(head);
  expect(examined.issues.filter(({ severity }) => severity === 'error')).toEqual([]);
  const name = intent.trailers['Switchyard-Version'];
  const version = examined.resources.get(`ModelVersion/fuel/${name}`) as Version | undefined;
  if (version === undefined) throw new Error(`there is no ${name}`);
  const artifact = await world.repository.readFile(head, `models/fuel/artifacts/${name}.onnx`, 1e6);
  return { head, version, artifact, examined };
}

describe('merging lines', { timeout: 60_000 }, () => {
  it('makes a version of the line with both parents, and averages the weights where that is asked for', async () => {
    const base = await baseOf(parted);
    const change = await mergeLines(asked(base, { ...average(0.25), reason: 'Both winters.' }));
    expect(change.intent).toMatchObject({
      key: 'merge-lines:fuel/eu/main',
      type: 'merge-lines',
      title: 'Merge eu 1.2.0 into main as fuel 1.3.0',
      trailers: {
        'Switchyard-Model': 'fuel',
        'Switchyard-Version': '1.3.0',
        'Switchyard-Line': 'main',
        'Switchyard-Parents': '1.1.0, 1.2.0',
      },
      reason:
        'Merges eu 1.2.0 into main 1.1.0; they part at 1.0.0. The weights are an average: 0.75 of main 1.1.0 and 0.25 of eu 1.2.0, in `weights`, `bias`; 0 tensors are the same in both.\n\nBoth winters.',
    });
    const { version, artifact } = await afterChange(base, change);
    expect(version.spec).toMatchObject({
      line: 'main',
      parents: ['1.1.0', '1.2.0'],
      artifact: { uri: 'file:../artifacts/1.3.0.onnx', size: artifact?.byteLength },
      lineage: { parameters: { months: 1, averageOf: { '1.1.0': 0.75, '1.2.0': 0.25 } } },
    });
    // What was measured of the parents says nothing of their average.
    expect(version.spec.metrics).toBeUndefined();
    expect(change.warnings.map(({ message }) => message)).toEqual([
      'fuel 1.3.0 does not name any metric, golden examples',
    ]);
    const [weights] = readModel(artifact as Uint8Array).graph?.initializer ?? [];
    const { buffer, byteOffset = 0 } = weights?.rawData ?? {};
    const numbers = [0, 4, 8].map((at) =>
      new DataView(buffer as ArrayBuffer, byteOffset).getFloat32(at, true),
    );
    expect(numbers).toEqual([2.25, 0.5, -1.25]);
  });

  it('takes the artifact of the side that changed it, with its lineage and metrics, as a patch', async () => {
    const base = await baseOf(
      fuelModel('1.0.0'),
      first,
      burnVersion('1.1.0', theirs, { line: 'eu', parents: ['1.0.0'], seed: 7 }),
    );
    const change = await mergeLines(asked(base));
    expect(change.intent.reason).toContain('The artifact is that of eu 1.1.0.');
    const { version, artifact } = await afterChange(base, change);
    expect(artifact).toBeUndefined();
    expect(version.metadata.name).toBe('1.1.1');
    const source = base.resources.get('ModelVersion/fuel/1.1.0') as Version;
    expect(version.spec).toMatchObject({
      artifact: source.spec.artifact,
      line: 'main',
      parents: ['1.0.0', '1.1.0'],
      lineage: { seed: 7 },
      metrics: source.spec.metrics,
      examples: source.spec.examples,
    });
  });

  it('names what both changed differently, and takes a word on each', async () => {
    const base = await baseOf(
      parted,
      burnVersion('1.1.0', ours, { parents: ['1.0.0'], months: 6, labels: { season: 'winter' } }),
      burnVersion('1.2.0', theirs, { line: 'eu', parents: ['1.0.0'], months: 9, seed: 2 }),
    );
    const undecided = await problemOf(mergeLines(asked(base)));
    expect(undecided.code).toBe('LinesConflict');
    expect(undecided.message).toContain(
      'main 1.1.0 and eu 1.2.0 changed the same differently since 1.0.0:\n  artifact: ',
    );
    expect(undecided.hint).toContain('--artifact FILE, or --average');

    const averaged = await problemOf(mergeLines(asked(base, average())));
    expect(averaged.message).toContain(
      '  lineage.parameters.months: was 1, is 6 in main 1.1.0 and 9 in eu 1.2.0',
    );
    expect(averaged.message).toContain('  examples.short-hop: ');
    // What one of them alone changed is no conflict.
    expect(averaged.message).not.toContain('seed');
    expect(averaged.hint).toMatch(
      /^Say which counts: --resolve lineage\.parameters\.months=eu\. .*--describe FILE\. .*--examples FILE\.$/,
    );

    const resolve = new Map([
      ['lineage', 'eu'],
      ['examples.short-hop', '1.1.0'],
    ]);
    const change = await mergeLines(asked(base, { ...average(), resolve }));
    expect(change.intent.reason).toContain(
      'Decided by hand: lineage as in eu, examples.short-hop as in 1.1.0.',
    );
    const { version } = await afterChange(base, change);
    expect(version.metadata.labels).toEqual({ season: 'winter' });
    expect(version.spec.lineage).toMatchObject({ seed: 2, parameters: { months: 9 } });
    const old = base.resources.get('ModelVersion/fuel/1.1.0') as Version;
    expect(version.spec.examples).toEqual(old.spec.examples);

    const taken = await mergeLines(
      asked(base, {
        resolve: new Map([
          ['artifact', 'eu'],
          ['examples', 'eu'],
        ]),
      }),
    );
    expect((await afterChange(base, taken)).version.spec).toMatchObject({
      lineage: { seed: 2 },
      parents: ['1.1.0', '1.2.0'],
    });
  });

  it('takes no word on what is no conflict, and none for a line that is not merged', async () => {
    const base = await baseOf(parted);
    const unused = await problemOf(
      mergeLines(asked(base, { ...average(), resolve: new Map([['lineage.seed', 'eu']]) })),
    );
    expect(unused).toMatchObject({
      code: 'ResolutionInvalid',
      message: 'there is no conflict in lineage.seed',
    });
    const stranger = await problemOf(mergeLines(asked(base, { resolve: new Map([['artifact', 'night']]) })));
    expect(stranger).toMatchObject({
      code: 'ResolutionInvalid',
      hint: 'Write FIELD=SIDE, where the side is one of 1.2.0, 1.1.0, eu, main.',
    });
  });

  it('takes an artifact made of both, and what is said of it', async () => {
    const base = await baseOf(parted);
    const bytes = burnModel({ weights: [2, 0.5, -1], bias: 3, reserve: true });
    const change = await mergeLines(
      asked(base, {
        artifact: { from: 'file', bytes },
        lineage: { dataset: { name: 'flights', version: '1' }, seed: 3 },
        metrics: [{ name: 'mae', value: 0.1 }],
        examples: [],
      }),
    );
    const { version, artifact, examined } = await afterChange(base, change);
    expect(Buffer.from(artifact ?? []).equals(Buffer.from(bytes))).toBe(true);
    expect(version.spec).toMatchObject({ lineage: { seed: 3 }, metrics: [{ name: 'mae', value: 0.1 }] });
    // An output that no line had is for callers to use, so that the contract grows with it.
    const model = examined.resources.get('Model/fuel')?.spec as ModelSpec;
    expect(model.signature.outputs.map(({ name }) => name)).toEqual(['burn', 'reserve']);
    const elsewhere = await mergeLines(
      asked(base, { artifact: { from: 'file', bytes, uri: 'https://example.org/m.onnx' } }),
    );
    expect(elsewhere.intent.files.map(({ path }) => path)).not.toContain('models/fuel/artifacts/1.3.0.onnx');
  });

  it('refuses signatures that no version can serve, and names what does not fit', async () => {
    const base = await baseOf(
      parted,
      burnVersion('1.2.0', theirs, { line: 'eu', parents: ['1.0.0'] }),
      burnVersion('2.0.0', { ...theirs, input: 'leg' }, { line: 'eu', parents: ['1.2.0'] }),
      {
        'models/fuel/model.yaml': String(parted['models/fuel/model.yaml']).replaceAll(
          'name: flight\n',
          'name: leg\n',
        ),
      },
    );
    const { code, message, hint } = await problemOf(mergeLines(asked(base, average())));
    expect(code).toBe('SignaturesIncompatible');
    expect(message).toBe(
      'no version can serve the callers of main 1.1.0 and of eu 2.0.0: input "flight" is FP32 [-1, 3] in main 1.1.0 and missing in eu 2.0.0; input "leg" is missing in main 1.1.0 and FP32 [-1, 3] in eu 2.0.0',
    );
    expect(hint).toContain('switchyard register fuel FILE --line main --parent 1.1.0 2.0.0');
  });

  it('refuses an artifact that lacks what one of the lines answers', async () => {
    const base = await baseOf(
      parted,
      burnVersion('1.2.0', { ...theirs, reserve: true }, { line: 'eu', parents: ['1.0.0'], ...noExamples }),
      fuelModel('1.1.0', { ...theirs, reserve: true }),
    );
    const bytes = burnModel({ weights: [9, 9, 9], bias: 9 });
    const { code, message } = await problemOf(mergeLines(asked(base, { artifact: { from: 'file', bytes } })));
    expect(code).toBe('SignaturesIncompatible');
    expect(message).toBe(
      'the artifact does not serve the callers of both lines: output "reserve" is gone since eu 1.2.0',
    );
    // With it, main gains an output.
    const whole = burnModel({ weights: [9, 9, 9], bias: 9, reserve: true });
    const change = await mergeLines(asked(base, { artifact: { from: 'file', bytes: whole } }));
    // Whoever made it did not say how: so it is another model, and what the lines say of theirs may not hold.
    expect(change.intent.trailers['Switchyard-Version']).toBe('1.3.0');
    expect(change.warnings.map(({ code }) => code)).toContain('LineageAssumed');
    // Their graphs differ, so that there is no average.
    expect(await problemOf(mergeLines(asked(base, average())))).toMatchObject({
      code: 'AverageRefused',
      message: 'the weights cannot be averaged: 1 and 2 (at outputs)',
    });
  });

  it('refuses unrelated lines unless said otherwise, and what is merged already', async () => {
    const base = await baseOf(parted, burnVersion('1.2.0', theirs, { line: 'eu', ...noExamples }));
    expect(await problemOf(mergeLines(asked(base, average())))).toMatchObject({
      code: 'LinesUnrelated',
      message: 'eu 1.2.0 and main 1.1.0 have no common ancestor',
    });
    const change = await mergeLines(asked(base, { ...average(), allowUnrelated: true }));
    expect(change.intent.reason).toContain('which have no common ancestor');
    const { head } = await afterChange(base, change);
    const merged = await world.registry.examine(head);
    expect(await problemOf(mergeLines(asked(merged, average())))).toMatchObject({
      code: 'AlreadyMerged',
      message: 'main 1.3.0 comes from eu 1.2.0 already',
    });
    // The other way there is something to take.
    const back = await mergeLines(asked(merged, { from: 'main', into: 'eu' }));
    expect(back.intent.title).toBe('Merge main 1.3.0 into eu as fuel 1.3.1');
  });

  it('leaves pre-releases and quarantined versions alone, and says so where one is named', async () => {
    const quarantine = { quarantine: { reason: 'It burns too much.' } };
    const base = await baseOf(
      parted,
      burnVersion('1.4.0', ours, {
        line: 'eu',
        parents: ['1.2.0'],
        spec: { ...quarantine, ...noExamples.spec },
      }),
      burnVersion('1.5.0-rc.1', ours, { line: 'eu', parents: ['1.2.0'], ...noExamples }),
    );
    expect((await mergeLines(asked(base, average()))).intent.title).toContain('Merge eu 1.2.0 into main');
    const codeOf = async (more: Partial<MergeLinesAsked>) =>
      (await problemOf(mergeLines(asked(base, more)))).code;
    expect(await codeOf({ from: '1.4.0' })).toBe('VersionQuarantined');
    expect(await codeOf({ from: 'ue' })).toBe('NoSuchLine');
    expect(await codeOf({ into: 'night' })).toBe('NoSuchLine');
    expect(await codeOf({ from: '9.0.0' })).toBe('NoSuchVersion');
    expect(await codeOf({ model: 'fule' })).toBe('NoSuchModel');
    expect(await codeOf({ ...average(), version: '1.1.5' })).toBe('VersionTooLow');
    expect(await codeOf({ ...average(), version: '1.2.0' })).toBe('VersionExists');
  });

  it('rests on no common ancestor that both sides do not agree with', async () => {
    // Merged crosswise: both 1.1.0 and 1.2.0 are newest common ancestors of 1.3.0 and 1.4.0.
    const both = { parents: ['1.1.0', '1.2.0'], ...noExamples };
    const base = await baseOf(
      parted,
      burnVersion('1.1.0', ours, { parents: ['1.0.0'], months: 6, ...noExamples }),
      burnVersion('1.2.0', theirs, { line: 'eu', parents: ['1.0.0'], months: 9, ...noExamples }),
      burnVersion('1.3.0', { weights: [1, 2, 3], bias: 0 }, { ...both, months: 6 }),
      burnVersion('1.4.0', { weights: [3, 2, 1], bias: 0 }, { ...both, line: 'eu', months: 9 }),
    );
    const { message } = await problemOf(mergeLines(asked(base, average())));
    // Against 1.1.0 alone only eu changed the months, against 1.2.0 alone only main did: nobody can tell.
    expect(message).toContain('changed the same differently since 1.1.0 and 1.2.0:');
    expect(message).toContain('lineage.parameters.months: is 6 in main 1.3.0 and 9 in eu 1.4.0');
  });
});

describe('registering a version of two parents', { timeout: 60_000 }, () => {
  it('counts its number from the one that asks for the highest', async () => {
    const base = await baseOf(parted);
    const artifact = burnModel({ weights: [7, 7, 7], bias: 7 });
    const from = (...parents: string[]) =>
      register({ base, author: ada, model: 'fuel', artifact, parents }).intent.trailers['Switchyard-Version'];
    expect(from('1.1.0', '1.2.0')).toBe('1.3.0');
    expect(from('1.2.0', '1.1.0')).toBe('1.3.0');
    expect(parse(String(parted['models/fuel/versions/1.2.0.yaml'])).spec.line).toBe('eu');
  });
});
