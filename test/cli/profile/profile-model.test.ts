import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type ModelMeasurement, recommend } from '../../../cli/profile/model-profile.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { identityModel } from '../../plugins/serving/dataplane/fixtures/models.ts';
import { run } from '../run.ts';

const template = packageFile('registry-repo-template');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-profiling-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('switchyard profile model', () => {
  it('measures a version of the registry, as the documentation shows it, and prints what to write', async () => {
    const page = readFileSync(packageFile('docs/many-models.md'), 'utf8');
    const [, line = ''] = page.match(/```sh example\nswitchyard (profile model .*)\n```/) ?? [];
    const { status, out } = await run(line.split(' '), { folder: template });
    expect(status).toBe(0);
    const measured = [...out.matchAll(/^([12]) +(\d+) +[\d.]+ +[\d.]+ +[\d.]+ +[\d,]+/gm)];
    expect(measured.map(([, threads, rows]) => `${threads}/${rows}`)).toEqual([
      '1/1',
      '1/16',
      '1/64',
      '2/1',
      '2/16',
      '2/64',
    ]);
    const { spec } = parse(out.slice(out.indexOf('spec:')));
    expect([1, 16, 64]).toContain(spec.batching.maxBatchSize);
    expect(spec.runtime.placement).toMatch(/^(inline|worker)$/);
  });

  it('measures a file, and leaves requests alone that cannot share a run', async () => {
    const file = join(folder, 'fixed.onnx');
    writeFileSync(file, identityModel('FP32', [1, 3]).bytes);
    const words = ['profile', 'model', '--file', 'fixed.onnx', '--threads', '1', '--for', '5', '-o', 'json'];
    const { status, out } = await run(words, { folder });
    expect(status).toBe(0);
    const profile = JSON.parse(out);
    expect(profile).toMatchObject({ model: 'fixed.onnx', batchable: false });
    expect(profile.measurements).toHaveLength(1);
    expect(profile.measurements[0].p50).toBeGreaterThan(0);
    expect(profile.memoryBytes).toBeGreaterThan(0);
    expect(profile.recommended.maxBatchSize).toBe(1);
  });

  it.each([
    [['nobody'], 'ModelVersionNotFound', 'bird-strike'],
    [['bird-strike@7.0.0'], 'ModelVersionNotFound', 'Versions: 1.0.0, 1.1.0.'],
    [['--file', 'nowhere.onnx'], 'FileUnreadable', 'nowhere.onnx'],
    [['--file', 'platform.yaml'], 'TrialFailed', 'platform.yaml'],
    [['bird-strike', '--file', 'x.onnx'], 'UsageError', 'exactly one'],
    [[], 'UsageError', 'exactly one'],
    [['bird-strike', '--rows', '1,0'], 'UsageError', '--rows'],
  ])('with %j is refused: %s', async (words, code, text) => {
    const { status, err } = await run(['profile', 'model', ...words], { folder: template });
    expect(status).not.toBe(0);
    expect(err).toContain(code);
    expect(err).toContain(text);
  });
});

describe('the recommendation', () => {
  const measured = (threads: number, ...runs: readonly (readonly [rows: number, p50: number])[]) =>
    runs.map(
      ([rows, p50]): ModelMeasurement => ({
        ...{ threads, rows, p50, p95: p50, p99: p50, rowsPerSecond: (rows * 1000) / p50, runs: 1 },
      }),
    );

  it('takes the smallest batch that is nearly as good as the best', () => {
    const one = measured(1, [1, 10], [4, 12], [8, 13], [16, 25], [32, 49]);
    expect(recommend(one, 'worker').maxBatchSize).toBe(8);
  });

  it('lets nobody wait long for a batch before theirs', () => {
    const one = measured(1, [1, 10], [8, 40], [64, 300]);
    expect(recommend(one, 'worker').maxBatchSize).toBe(8);
    const slow = measured(1, [1, 100], [4, 300], [16, 1000]);
    expect(recommend(slow, 'worker').maxBatchSize).toBe(4);
  });

  it('takes another thread only where all sorts of runs gain by it', () => {
    const one = measured(1, [1, 10], [8, 40], [16, 80]);
    expect(recommend([...one, ...measured(2, [1, 4], [8, 36], [16, 70])], 'worker').intraOpThreads).toBe(1);
    expect(recommend([...one, ...measured(2, [1, 6], [8, 22], [16, 45])], 'worker').intraOpThreads).toBe(2);
  });
});
