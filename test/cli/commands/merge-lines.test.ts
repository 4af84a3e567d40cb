import { linkSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Burn, burnModel, burnVersion, fuelModel, truth } from '../../fixtures/fuel-model.ts';
import { TemplateRegistry } from '../../fixtures/template-registry.ts';
import { run } from '../run.ts';

/** A clone of a registry in which a model went on in two lines; production answers with the newest of `main`. */
let made: TemplateRegistry;

/** Each is wrong in one way, and the other in the opposite one. */
const ours: Burn = { weights: [2.5, 0, -1.5], bias: 2 };
const theirs: Burn = { weights: [1.5, 1, -0.5], bias: 4 };
const noExamples = { spec: { examples: undefined } };

beforeEach(async () => {
  made = new TemplateRegistry();
  await made.make();
  const platform = made.read('platform.yaml');
  const wanted = ['forge-git', 'proposals'].filter((name) => !platform.includes(`name: ${name}\n`));
  const plugins = wanted.map((name) => `    - name: ${name}\n`).join('');
  await made.commit({
    'platform.yaml': platform.replace('    - name: rollout\n', `    - name: rollout\n${plugins}`),
    ...fuelModel('1.1.0'),
    ...burnVersion('1.0.0', { weights: [1, 1, 1], bias: 1 }, noExamples),
    ...burnVersion('1.1.0', ours, { parents: ['1.0.0'], ...noExamples }),
    ...burnVersion('1.2.0', theirs, { line: 'eu', parents: ['1.0.0'], ...noExamples }),
  });
}, 120_000);
afterEach(() => made.close());

function as(...words: readonly string[]) {
  const home = join(made.parent, 'home');
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, '.gitconfig'), '[user]\n\tname = Ada\n\temail = ada@example.com\n');
  return run(words, { folder: made.folder, environment: { PATH: process.env.PATH, HOME: home } });
}

/** What a proposal's checks say, as a platform would judge it. */
async function checksOf(number: string): Promise<Record<string, { outcome: string; summary: string }>> {
  const { out } = await as('show', number, '--wait', '-o', 'json');
  const { judgement } = JSON.parse(out);
  return Object.fromEntries(judgement.checks.map((one: { name: string }) => [one.name, one]));
}

async function answer(bytes: Uint8Array, rows: readonly (readonly number[])[]): Promise<readonly number[]> {
  const session = await InferenceSession.create(bytes);
  const { burn } = await session.run({ flight: new Tensor('float32', rows.flat(), [rows.length, 3]) });
  await session.release();
  return Array.from(burn?.data as Float32Array);
}

/** A file of golden examples: what the true weights answer. */
function goldenExamples(burned: number): string {
  const file = join(made.parent, 'golden.yaml');
  writeFileSync(
    file,
    `- name: short-hop
  inputs: [{ name: flight, datatype: FP32, shape: [1, 3], data: [100, 10, 5] }]
  outputs: [{ name: burn, datatype: FP32, shape: [1, 1], data: [${burned}] }]
  tolerance: { absolute: 0.01 }
`,
  );
  return file;
}

describe('switchyard merge-lines', () => {
  it('proposes an average that answers with the averaged weights, and is judged by its answers', async () => {
    const saved = join(made.parent, 'merged.onnx');
    writeFileSync(saved, 'an earlier model');
    linkSync(saved, join(made.parent, 'earlier.onnx'));
    const words = [
      '--average',
      '--save',
      saved,
      '--examples',
      goldenExamples(203),
      '--reason',
      'Both are half right.',
    ];
    const opened = await as('merge-lines', 'fuel', 'eu', '--into', 'main', ...words);
    expect(opened.err).toContain('fuel 1.3.0 does not name any metric');
    expect(opened.out).toBe('Opened #1: Merge eu 1.2.0 into main as fuel 1.3.0\nSee `switchyard show 1`.\n');

    const files = made.git('diff', 'main', 'refs/proposals/1/head', '--name-status').split('\n');
    expect(files).toEqual(['A\tmodels/fuel/artifacts/1.3.0.onnx', 'A\tmodels/fuel/versions/1.3.0.yaml']);
    const message = made.git('log', '-1', '--format=%B', 'refs/proposals/1/head');
    expect(message).toContain('feat(fuel): merge eu 1.2.0 into main as fuel 1.3.0');
    expect(message).toContain('Switchyard-Change: merge-lines\n');
    expect(message).toContain('Switchyard-Parents: 1.1.0, 1.2.0\n');
    const { spec } = parse(made.git('show', 'refs/proposals/1/head:models/fuel/versions/1.3.0.yaml'));
    expect(spec).toMatchObject({ line: 'main', parents: ['1.1.0', '1.2.0'] });

    // Another file took its place.
    expect(readFileSync(join(made.parent, 'earlier.onnx'), 'utf8')).toBe('an earlier model');

    // The file that was committed, run by ONNX Runtime: unit rows read weights and bias out one by one.
    const merged = readFileSync(saved);
    const blob = made.git('rev-parse', 'refs/proposals/1/head:models/fuel/artifacts/1.3.0.onnx');
    expect(made.git('hash-object', saved)).toBe(blob);
    const unit = [
      [0, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    expect(await answer(merged, unit)).toEqual([3, 5, 3.5, 2]);
    expect(await answer(burnModel(truth), unit)).toEqual([3, 5, 3.5, 2]);

    const checks = await checksOf('1');
    expect(checks['golden-examples']).toMatchObject({ outcome: 'pass' });
    expect(checks['metric-regression']).toMatchObject({ outcome: 'pass' });
    expect(checks['metric-regression']?.summary).toMatch(/^MAE \d+.* → 0.* on flights@1/);
    for (const name of ['manifests', 'artifact', 'semantic-version', 'lineage', 'licence', 'model-card']) {
      expect(checks[name], name).toMatchObject({ outcome: 'pass' });
    }
    // Reviewers see how it differs from both.
    const { out } = await as('show', '1', '--wait');
    expect(out).toContain('fuel 1.1.0 → 1.3.0');
    expect(out).toContain('fuel 1.2.0 → 1.3.0');
  }, 240_000);

  it('proposes what the checks then fail: an average that answers worse, and not as was promised', async () => {
    // Far more of the line than is good, and golden examples that the average does not meet.
    await made.commit({
      ...burnVersion(
        '1.2.0',
        { weights: [9, 9, 9], bias: 9 },
        { line: 'eu', parents: ['1.0.0'], ...noExamples },
      ),
    });
    const words = ['--weight', '0.9', '--examples', goldenExamples(203)];
    expect((await as('merge-lines', 'fuel', 'eu', ...words)).status).toBe(0);
    const checks = await checksOf('1');
    expect(checks['golden-examples']).toMatchObject({ outcome: 'fail' });
    expect(checks['golden-examples']?.summary).toContain('fuel 1.3.0 answers 1 of 1 golden examples wrongly');
    expect(checks['metric-regression']).toMatchObject({ outcome: 'fail' });
    expect((await as('merge', '1')).status).toBe(1);
  }, 240_000);

  it('prints what it would propose, refuses by name, and draws the merge once it is in', async () => {
    const undecided = await as('merge-lines', 'fuel', 'eu');
    expect(undecided.status).toBe(1);
    expect(undecided.err).toMatch(
      /^error: main 1\.1\.0 and eu 1\.2\.0 changed the same differently since 1\.0\.0:\n {2}artifact: /,
    );
    expect(undecided.err).toContain('--resolve artifact=eu');
    expect(undecided.err).toContain('code: LinesConflict');
    expect((await as('merge-lines', 'fuel', 'nihgt')).err).toContain('Did you mean `night`?');
    expect((await as('merge-lines', 'fuel', 'eu', '--average', '--artifact', 'x.onnx')).status).toBe(2);
    expect((await as('merge-lines', 'fuel', 'eu', '--weight', '1.5')).err).toContain(
      'Write a share between 0 and 1',
    );
    expect((await as('merge-lines', 'fuel', 'eu', '--resolve', 'artifact')).err).toContain(
      'Write FIELD=SIDE',
    );
    expect((await as('merge-lines', 'fuel', 'eu', '--save', 'x.onnx')).err).toContain(
      '--save needs --average',
    );

    const planned = await as(
      'merge-lines',
      'fuel',
      'eu',
      '--resolve',
      'artifact=eu',
      '--dry-run',
      '-o',
      'json',
    );
    expect(JSON.parse(planned.out)).toMatchObject({ type: 'merge-lines', key: 'merge-lines:fuel/eu/main' });
    expect((await as('proposals')).out).toBe('No open proposals.\n');

    await as('merge-lines', 'fuel', 'eu', '--resolve', 'artifact=eu');
    // A second wish for the same two lines is the same proposal.
    expect((await as('merge-lines', 'fuel', 'eu', '--average')).out).toMatch(/^Updated #1/);
    made.git('merge', '-q', '--no-ff', '-m', 'Merge it', 'refs/proposals/1/head');
    expect((await as('lines', 'fuel')).out).toBe(
      [
        '*    1.3.0  main',
        '|\\',
        '| *  1.2.0  eu',
        '* |  1.1.0  main  production',
        '|/',
        '*    1.0.0  main',
        '',
      ].join('\n'),
    );
    expect((await as('merge-lines', 'fuel', 'eu')).err).toContain('code: AlreadyMerged');
  }, 240_000);
});
