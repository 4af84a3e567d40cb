import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { ProposalSubject } from '../../../core/capabilities/proposal-check.ts';
import { readModel, writeModel } from '../../../libraries/onnx/index.ts';
import { endlessModel } from '../serving/dataplane/fixtures/models.ts';
import { type CheckName, EvaluationWorld } from './world.ts';

const production = 'environments/production/bird-strike.yaml';
const staging = 'environments/staging/bird-strike.yaml';
const newest = 'models/bird-strike/versions/1.1.0.yaml';
const model = 'models/bird-strike/model.yaml';
const names: readonly CheckName[] = ['golden-examples', 'size-and-latency', 'metric-regression', 'replay'];

let world: EvaluationWorld;
afterEach(async () => {
  expect(world.processes()).toEqual([]);
  await world.close();
});

async function open(...options: Parameters<EvaluationWorld['open']>): Promise<void> {
  world = new EvaluationWorld();
  await world.open(...options);
}

function promote(): Promise<string> {
  return world.registry.replace(production, 'version: 1.0.0', 'version: 1.1.0');
}

/** Commits a version 1.2.0 whose artifact is these bytes, and moves production to it. */
function propose(bytes: Uint8Array, edit: (manifest: string) => string = (text) => text): Promise<string> {
  const digest = createHash('sha256').update(bytes).digest('hex');
  const manifest = world.registry
    .read(newest)
    .replace('name: 1.1.0', 'name: 1.2.0')
    .replace('artifacts/1.1.0.onnx', 'artifacts/1.2.0.onnx')
    .replace(/digest: sha256:cba4\w+/, `digest: sha256:${digest}`)
    .replace('size: 40597', `size: ${bytes.length}`)
    .replace('parents: [1.0.0]', 'parents: [1.1.0]');
  return world.registry.commit({
    'models/bird-strike/artifacts/1.2.0.onnx': bytes,
    'models/bird-strike/versions/1.2.0.yaml': edit(manifest),
    [production]: world.registry.read(production).replace(/version: 1\.\d\.0/, 'version: 1.2.0'),
  });
}

function withoutExamples(manifest: string): string {
  return manifest.replace(/ {2}examples:[\s\S]*$/, '');
}

describe('the promotion that the template is made for', () => {
  it('loads, answers its examples, is as fast, and is shown to be better by what the template publishes', async () => {
    await open();
    const merged = await promote();
    expect(await world.verdict('golden-examples', merged)).toMatchObject({
      outcome: 'pass',
      summary: expect.stringMatching(/^bird-strike 1\.1\.0 loads in .* and answers its 3 golden examples$/),
      facts: { examples: 3, wrong: 0 },
    });

    const speed = await world.verdict('size-and-latency', merged);
    expect(speed).toMatchObject({ outcome: 'pass', facts: { sizeBytes: 40_597, currentSizeBytes: 40_882 } });
    if (speed.outcome === 'none') throw new Error('it says nothing');
    const { latencyRatio, latencyRatioLow, latencyRatioHigh } = speed.facts as Record<string, number>;
    expect(latencyRatioLow).toBeLessThanOrEqual(latencyRatio!);
    expect(latencyRatioHigh).toBeGreaterThanOrEqual(latencyRatio!);

    const quality = await world.verdict('metric-regression', merged);
    expect(quality.summary).toMatch(
      /^AUC 0\.774 → 0\.791 on bird-strike@1, flight_date 1999-01-01 to 2002-12-31 \(\+0\.017, 95 % \[\+0\.00\d, \+0\.0[23]\d\]\)/,
    );
    const published = (parse(world.registry.read(newest)) as Manifest).spec.metrics.filter(
      ({ slice }) => slice === '1999-2002',
    );
    const metricOf = (name: string) => published.find((one) => one.name === name)!;
    if (quality.outcome === 'none') throw new Error('it says nothing');
    const facts = quality.facts as Record<string, number>;
    expect(facts.auc).toBeCloseTo(metricOf('auc').value, 4);
    expect(facts.recall).toBeCloseTo(metricOf('recall').value, 4);
    const gain = metricOf('auc-gain-over-1.0.0');
    expect(facts.aucDifference).toBeCloseTo(gain.value, 4);
    // Other random numbers, the same interval but for their noise.
    expect(Math.abs(facts.aucLow! - gain.interval![0])).toBeLessThan(0.003);
    expect(Math.abs(facts.aucHigh! - gain.interval![1])).toBeLessThan(0.003);
    expect(quality.outcome).toBe('pass');
    expect(quality.details).toContain('| wildlife_size | rows |');
    expect(quality.details).toContain('| Large | 258 |');

    expect(await world.verdict('replay', merged)).toMatchObject({
      outcome: 'pass',
      facts: { requests: 3, source: 'examples', agreement: 1, newErrors: 0 },
    });
  });

  it('is judged by the digests of what it depends on, and by nothing else', async () => {
    await open();
    const promoted = await promote();
    const also = await world.registry.commit({ 'README.md': 'Hello.\n' });
    const other = await world.registry.replace(newest, 'absolute: 0.00001', 'absolute: 0.0001');
    for (const name of names) {
      const before = await world.concerns(name, promoted);
      expect(before).toBeDefined();
      expect(await world.concerns(name, also)).toBe(before);
      expect(await world.concerns(name, other)).not.toBe(before);
    }
  });

  it('is none of their business where a proposal touches no version', async () => {
    await open();
    const merged = await world.registry.commit({ 'README.md': 'Hello.\n' });
    for (const name of names) expect((await world.verdict(name, merged)).outcome).toBe('none');
  });
});

describe('the check of metrics', () => {
  it('fails for a version that is shown to be worse than allowed', async () => {
    await open();
    // The newer version serves; the older one comes back.
    world.base = await promote();
    const merged = await world.registry.replace(production, 'version: 1.1.0', 'version: 1.0.0');
    const found = await world.verdict('metric-regression', merged);
    expect(found).toMatchObject({
      outcome: 'fail',
      summary: expect.stringMatching(/^AUC 0\.791 → 0\.774 .*: worse by more than 0\.005/),
      annotations: [{ code: 'MetricDropped', path: 'models/bird-strike/versions/1.0.0.yaml' }],
      facts: { aucJudgement: 'dropped' },
    });
  });

  it('does not decide what the rows cannot tell, or fails it where the model says so', async () => {
    await open();
    const narrow = world.registry
      .read(model)
      .replace('to: "2002-12-31"', 'to: "1999-03-31"')
      .replace(/\n {6}- \{ name: recall[^\n]*/, '');
    world.base = await world.registry.commit({ [model]: narrow });
    const merged = await promote();
    expect(await world.verdict('metric-regression', merged)).toMatchObject({
      outcome: 'neutral',
      summary: expect.stringContaining('too few rows to tell whether it is worse by more than 0.005'),
    });
    const strict = narrow.replace('maxDrop: 0.005 }', 'maxDrop: 0.005, whenUndecided: fail }');
    world.base = await world.registry.commit({
      [model]: strict,
      [production]: world.registry.read(staging).replace('staging', 'production'),
    });
    expect((await world.verdict('metric-regression', await promote())).outcome).toBe('fail');
  });

  it('is not talked into another rule by the proposal that it judges', async () => {
    await open();
    world.base = await promote();
    const merged = await world.registry.commit({
      [production]: world.registry.read(production).replace('version: 1.1.0', 'version: 1.0.0'),
      [model]: world.registry.read(model).replace('maxDrop: 0.005', 'maxDrop: 0.9'),
    });
    expect((await world.verdict('metric-regression', merged)).outcome).toBe('fail');
  });

  it('has nothing to compare by where the base declares no evaluation', async () => {
    await open();
    const without = world.registry
      .read(model)
      .replace(/ {2}# How a version is compared[\s\S]*?(?= {2}# One named input)/, '');
    world.base = await world.registry.commit({ [model]: without });
    expect(await world.verdict('metric-regression', await promote())).toMatchObject({
      outcome: 'neutral',
      summary: expect.stringContaining('declares no evaluation of bird-strike'),
    });
  });

  it('takes the same random part of a set that is too large, and says so', async () => {
    await open({ maxRows: 500, replicates: 200 });
    const merged = await promote();
    const once = await world.verdict('metric-regression', merged);
    expect(once.outcome === 'none' ? '' : once.details).toContain('a random part of the 3722 rows');
    expect(await world.verdict('metric-regression', merged)).toEqual(once);
  });

  it.each([
    ['negative: [None]', 'negative: [Nothing]', 'has no such figure on these rows'],
    ['from: "1999-01-01"', 'from: "2040-01-01"', 'no row meets its conditions'],
    [
      'label: { column: damage, negative: [None] }',
      'label: { column: damage }',
      'holds "None" in row 1, which is no number',
    ],
    [
      '\n      - { name: speed_knots, missing: "-1" }',
      '\n      - { name: speed_knots, missing: fast }',
      'holds "fast" in row',
    ],
    ['\n    inputs:\n      - { name: speed_knots, missing: "-1" }', '', 'is empty in row'],
  ])('blames the declaration on the base and not the version: %s', async (from, to, words) => {
    await open();
    world.base = await world.registry.replace(model, from, to);
    const found = await world.verdict('metric-regression', await promote());
    expect(found).toMatchObject({ outcome: 'error', summary: expect.stringContaining(words) });
  });
});

describe('a version that cannot be run', () => {
  it('fails each check with its reason where it is cut short', async () => {
    await open();
    const merged = await propose(readArtifact().subarray(0, 30_000));
    for (const name of names) {
      expect(await world.verdict(name, merged)).toMatchObject({
        outcome: 'fail',
        summary: expect.stringContaining('bird-strike 1.2.0 cannot be run'),
        facts: { reason: 'InvalidModel' },
        annotations: [{ path: 'models/bird-strike/versions/1.2.0.yaml' }],
      });
    }
  });

  it('fails where it loops for ever, and nothing is left of it', async () => {
    await open({ trialTimeoutSeconds: 1.5 });
    const { bytes } = endlessModel();
    const signature =
      '{ inputs: [{ name: x, datatype: FP32, shape: [-1, 1] }], outputs: [{ name: y, datatype: FP32, shape: [-1, 1] }] }';
    const digest = createHash('sha256').update(bytes).digest('hex');
    const merged = await world.registry.commit({
      'models/endless/model.yaml': `apiVersion: switchyard/v1\nkind: Model\nmetadata: { name: endless }\nspec: { task: other, description: Counts., owners: [ada], signature: ${signature} }\n`,
      'models/endless/versions/1.0.0.yaml': `apiVersion: switchyard/v1\nkind: ModelVersion\nmetadata: { name: 1.0.0, model: endless }\nspec:\n  artifact: { uri: "file:1.0.0.onnx", digest: "sha256:${digest}", size: ${bytes.length}, format: onnx }\n  signature: ${signature}\n`,
      'models/endless/versions/1.0.0.onnx': bytes,
    });
    expect(await world.verdict('golden-examples', merged)).toMatchObject({
      outcome: 'fail',
      facts: { reason: 'TrialTimeout' },
    });
  });

  it('fails where it answers an example otherwise, with the line of that example', async () => {
    await open();
    const merged = await world.registry.replace(newest, 'data: [0.4329118]', 'data: [0.5329118]');
    expect(await world.verdict('golden-examples', merged)).toMatchObject({
      outcome: 'fail',
      summary: expect.stringContaining(
        'answers 1 of 3 golden examples wrongly: example "canada-goose-at-laguardia"',
      ),
      annotations: [{ code: 'ExampleMismatch', pointer: '/spec/examples/0' }],
    });
  });

  it('is neither good nor bad where it has no examples', async () => {
    await open();
    const merged = await propose(touched(readArtifact()), withoutExamples);
    expect(await world.verdict('golden-examples', merged)).toMatchObject({
      outcome: 'neutral',
      summary: expect.stringContaining('has no golden examples'),
    });
    // It is measured all the same, on inputs that both can take.
    expect((await world.verdict('size-and-latency', merged)).outcome).toBe('pass');
  });
});

describe('the check of size and latency', () => {
  it('fails above its limits, which platform.yaml sets', async () => {
    await open({ maxSizeRatio: 0.5 });
    expect(await world.verdict('size-and-latency', await promote())).toMatchObject({
      outcome: 'fail',
      summary: expect.stringContaining('the limit is 0.50× the size'),
    });
  });

  it('fails a slower version only where the measurement is sure', async () => {
    await open({ maxLatencyRatio: 0.01, negligibleLatencyMs: 0 });
    const found = await world.verdict('size-and-latency', await promote());
    // Whoever is faster is never too slow, whatever the ratio.
    expect(['fail', 'pass']).toContain(found.outcome);
    if (found.outcome === 'fail') expect(found.summary).toContain('the limit is 0.01× the time');
  });
});

describe('the check of replayed requests', () => {
  const columns = [
    ...['airport', 'aircraft', 'operator', 'origin_state', 'phase_of_flight', 'wildlife_size'],
    ...['wildlife_species', 'time_of_day', 'speed_knots'],
  ];
  const asking = (id: string, values: readonly string[]) =>
    JSON.stringify({
      id,
      inputs: columns.map((name, index) => ({
        name,
        datatype: name === 'speed_knots' ? 'FP32' : 'BYTES',
        shape: [1, 1],
        data: [[name === 'speed_knots' ? Number(values[index] || -1) : values[index]]],
      })),
    });
  const request = (species: string, size = 'Large') =>
    asking(species, [
      ...[
        'LAGUARDIA NY',
        'B-727-200',
        'DELTA AIR LINES',
        'New York',
        'Approach',
        size,
        species,
        'Dusk',
        '140',
      ],
    ]);

  it('replays what the model declares, split by its slices, and shows what differs most', async () => {
    await open();
    world.base = await world.registry.commit({
      'models/bird-strike/requests.jsonl': `${request('Canada goose')}\n\n${request('Gull', 'Small')}\n${request('Hawk', 'Medium')}\n`,
      [model]: world.registry
        .read(model)
        .replace('    slices:', '    requests: file:requests.jsonl\n    slices:'),
    });
    const found = await world.verdict('replay', await promote());
    expect(found).toMatchObject({
      outcome: 'pass',
      facts: { requests: 3, source: 'declared', newErrors: 0 },
    });
    const details = found.outcome === 'none' ? '' : String(found.details);
    expect(details).toContain('| wildlife_size | requests |');
    expect(details).toMatch(
      /\| Canada goose \| label 1; probability 0\.29\d+ \| label 1; probability 0\.43\d+ \|/,
    );
  });

  it('replays what this platform recorded, the last of it, and notices when there is more', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-requests-'));
    try {
      const file = join(folder, 'bird-strike.jsonl');
      writeFileSync(file, `${request('Gull')}\n`.repeat(30));
      await open({ maxRequests: 20 }, { requests: folder });
      const merged = await promote();
      const before = await world.concerns('replay', merged);
      expect(await world.verdict('replay', merged)).toMatchObject({
        facts: { requests: 20, source: 'recorded' },
      });
      writeFileSync(file, `${request('Gull')}\n`.repeat(31));
      expect(await world.concerns('replay', merged)).not.toBe(before);
      writeFileSync(file, `${request('Gull')}\nnonsense\n`);
      expect(await world.verdict('replay', merged)).toMatchObject({
        outcome: 'error',
        summary: expect.stringContaining('it is not JSON'),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('fails where fewer requests are answered alike than must be', async () => {
    await open({ minAgreement: 1 });
    // The last strikes of the dataset: the two versions label some of them otherwise.
    const strikes = world.registry.read('data/bird-strikes.csv').trim().split('\n').slice(-300);
    const rows = strikes.map((strike) => {
      const [id = '', , ...values] = strike.split(',');
      return asking(id, values);
    });
    world.base = await world.registry.commit({
      'models/bird-strike/requests.jsonl': rows.join('\n'),
      [model]: world.registry
        .read(model)
        .replace('    slices:', '    requests: file:requests.jsonl\n    slices:'),
    });
    const found = await world.verdict('replay', await promote());
    expect(found.outcome).toBe('fail');
    expect(found.summary).toContain('at least 100 % must be answered alike');
  });
});

describe('a proposal out of somebody else’s repository', () => {
  const fromFork = (subject: ProposalSubject): ProposalSubject => ({
    ...subject,
    proposal: { ...subject.proposal, fromFork: true },
  });

  it('has its artifacts in the repository tried, and none fetched from elsewhere', async () => {
    await open();
    const inside = await propose(touched(readArtifact()));
    expect((await world.verdict('golden-examples', inside, fromFork)).outcome).toBe('pass');
    const outside = await propose(touched(readArtifact(), 'again'), (manifest) =>
      manifest.replace('file:../artifacts/1.2.0.onnx', 'http://127.0.0.1:9/1.2.0.onnx'),
    );
    for (const name of names) {
      expect(await world.verdict(name, outside, fromFork)).toMatchObject({
        outcome: 'neutral',
        summary: expect.stringContaining('is not fetched for a proposal out of another repository'),
      });
    }
    // Anybody else's is fetched, and a store that does not answer is no verdict.
    await expect(world.verdict('golden-examples', outside)).rejects.toMatchObject({
      code: 'ArtifactUnreachable',
    });
  });
});

interface Manifest {
  readonly spec: {
    readonly metrics: readonly {
      readonly name: string;
      readonly slice?: string;
      readonly value: number;
      readonly interval?: readonly [number, number];
    }[];
  };
}

function readArtifact(): Uint8Array {
  return world.registry.readBytes('models/bird-strike/artifacts/1.1.0.onnx');
}

/** The same model as another file. */
function touched(bytes: Uint8Array, how = 'once'): Uint8Array {
  return writeModel({ ...readModel(bytes), docString: how });
}
