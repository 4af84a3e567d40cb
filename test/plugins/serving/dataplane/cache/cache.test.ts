import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { inputKey } from '../../../../../plugins/serving/dataplane/cache/input-key.ts';
import { ResponseCache } from '../../../../../plugins/serving/dataplane/cache/response-cache.ts';
import type {
  PinnedVersion,
  RoutingTable,
} from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import type { Tensor } from '../../../../../plugins/serving/dataplane/tensor/tensor.ts';
import { declaredDeployment } from '../../../../fixtures/declared-deployment.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { until } from '../../../../fixtures/until.ts';
import { type Answer, call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, lookupModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

function numbers(...values: number[]): Tensor {
  return { datatype: 'FP32', shape: [values.length, 1], data: Float32Array.from(values) };
}

describe('the key of inputs', () => {
  const texts = (...data: string[]): Tensor => ({ datatype: 'BYTES', shape: [data.length], data });

  it('is another for another bit, shape, order or version', () => {
    const keys = [
      inputKey('a', [numbers(0)]),
      inputKey('a', [numbers(-0)]),
      inputKey('b', [numbers(0)]),
      inputKey('a', [numbers(0, 0)]),
      inputKey('a', [{ ...numbers(0, 0), shape: [1, 2] }]),
      inputKey('a', [numbers(0), numbers(0)]),
      inputKey('a', [numbers(1), numbers(0)]),
      inputKey('a', [numbers(0), numbers(1)]),
      inputKey('a', [texts('x', 'y')]),
      inputKey('a', [texts('x","y', '')]),
      inputKey('a', [texts('x,y')]),
      inputKey('a', [texts('\ud800', 'y')]),
      inputKey('a', [texts('\ufffd', 'y')]),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });

  it('is the same for the same, wherever it lies in memory', () => {
    const within = new Float32Array([9, 1, 2, 9]).subarray(1, 3);
    expect(inputKey('a', [{ ...numbers(1, 2), data: within }])).toBe(inputKey('a', [numbers(1, 2)]));
  });
});

describe('a cache', () => {
  let now = 0;
  const rules = { bytes: 10_000, ttlMs: 1_000 };

  it('gives what was put in until its time is over', () => {
    const cache = new ResponseCache(rules, () => now);
    cache.keep('a', [numbers(1)]);
    now += 999;
    expect(cache.find('a')).toEqual([numbers(1)]);
    now += 1;
    expect(cache.find('a')).toBeUndefined();
    expect(cache.counts()).toEqual({ entries: 0, bytes: 0, evictions: 0 });
  });

  it('keeps a copy, not the batch that its outputs are a view of', () => {
    const cache = new ResponseCache(rules, () => now);
    const batch = new Float32Array(100_000).fill(7);
    cache.keep('a', [{ datatype: 'FP32', shape: [2, 1], data: batch.subarray(0, 2) }]);
    batch.fill(8);
    const [output] = cache.find('a')!;
    expect(output).toEqual(numbers(7, 7));
    expect((output!.data as Float32Array).buffer.byteLength).toBe(8);
  });

  it('stays within its bytes, and lets go of what was not asked for the longest', () => {
    const cache = new ResponseCache(rules, () => now);
    for (let index = 0; index < 10; index++) cache.keep(`first ${index}`, [numbers(index)]);
    expect(cache.find('first 0')).toBeDefined();
    for (let index = 0; index < 14; index++) cache.keep(`second ${index}`, [numbers(index)]);
    const { bytes, evictions, entries } = cache.counts();
    expect(bytes).toBeLessThanOrEqual(10_000);
    expect([entries + evictions, evictions > 0]).toEqual([24, true]);
    expect([cache.find('first 0') !== undefined, cache.find('first 1')]).toEqual([true, undefined]);
    cache.configure({ bytes: 600, ttlMs: 1_000 });
    expect(cache.counts().bytes).toBeLessThanOrEqual(600);
  });

  it('does not keep what would take an eighth of it', () => {
    const cache = new ResponseCache(rules, () => now);
    cache.keep('large', [numbers(...new Array(300).fill(1))]);
    expect(cache.counts().entries).toBe(0);
  });
});

describe('a deployment that keeps answers', () => {
  const folder = temporaryFolder();
  const cache = { bytes: 1024 * 1024, ttlMs: 60_000 };
  let serving: Serving;

  beforeAll(async () => {
    serving = await startServing();
  });
  afterAll(async () => {
    await serving.stop();
    folder.remove();
  });
  afterEach(() => serving.follow(table()));

  const follow = (served: RoutingTable) => serving.follow(served);
  const foundOf = ({ headers }: Answer) => headers['switchyard-cache'];
  const ask = (value: number, headers: Readonly<Record<string, string>> = {}) =>
    call(serving.port, '/v2/models/linear/infer', { body: JSON.stringify(row(value)), headers });
  const metricsOf = (version: string) =>
    serving.process.report().metrics.versions.find((one) => one.version === version)!;

  it('answers the same again, as an answer of its own', async () => {
    await follow(table(deployment('linear', [pin(folder.path, '1.0.0', linearModel(2, 1))], { cache })));
    const [first, second, other] = [await ask(3), await ask(3), await ask(4)];
    expect([first, second, other].map(foundOf)).toEqual(['miss', 'hit', 'miss']);
    expect(second.bytes).toEqual(first.bytes);
    expect(second.headers['switchyard-prediction-id']).not.toBe(first.headers['switchyard-prediction-id']);
    const { requests, runs, cache: counts, seconds } = metricsOf('1.0.0');
    expect([requests[200], runs?.executions]).toEqual([3, 2]);
    expect(counts).toMatchObject({ hits: 1, misses: 2, shared: 0 });
    expect(counts?.seconds.counts.reduce((sum, count) => sum + count)).toBe(1);
    expect(seconds.counts.reduce((sum, count) => sum + count)).toBe(3);
    expect(serving.process.report().metrics.caches?.['production/linear']).toMatchObject({ entries: 2 });
    const [stats] = (await call(serving.port, '/v2/models/linear/stats')).body.model_stats as [
      { inference_stats: Record<string, { count: number }>; inference_count: number },
    ];
    expect(stats).toMatchObject({
      inference_count: 2,
      inference_stats: { success: { count: 3 }, cache_hit: { count: 1 }, cache_miss: { count: 2 } },
    });
  });

  it('keeps them as long as docs/inference.md says it', async () => {
    const { spec } = parse(shownBlock('docs/inference.md', 'yaml cache'));
    const declared = declaredDeployment('linear', spec, pin(folder.path, spec.version, linearModel(2, 1)));
    await follow(table(declared));
    expect([await ask(3), await ask(3)].map(foundOf)).toEqual(['miss', 'hit']);
    let now = 0;
    const kept = new ResponseCache(declared.cache!, () => now);
    const large: Tensor = {
      datatype: 'FP32',
      shape: [1, 7.5 * 2 ** 18],
      data: new Float32Array(7.5 * 2 ** 18),
    };
    for (let answer = 0; answer < 9; answer++) kept.keep(`${answer}`, [large]);
    // Of 7.5 MiB each: 64 MiB have room for eight.
    expect(kept.counts()).toMatchObject({ entries: 8, evictions: 1 });
    now += 10 * 60_000 - 1;
    expect(kept.find('8')).toBeDefined();
    now += 1;
    expect(kept.find('8')).toBeUndefined();
  });

  it('finds what came as JSON for who asks in binary, and echoes the id of each', async () => {
    await follow(table(deployment('linear', [pin(folder.path, '1.1.0', linearModel(2, 1))], { cache })));
    await ask(3);
    const header = JSON.stringify({
      id: 'mine',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], parameters: { binary_data_size: 4 } }],
      outputs: [{ name: 'y', parameters: { binary_data: true } }],
    });
    const data = Buffer.alloc(4);
    data.writeFloatLE(3);
    const answer = await call(serving.port, '/v2/models/linear/infer', {
      headers: {
        'content-type': 'application/octet-stream',
        'inference-header-content-length': String(header.length),
      },
      body: Buffer.concat([Buffer.from(header), data]),
    });
    expect(foundOf(answer)).toBe('hit');
    expect(answer.body.id).toBe('mine');
    expect(answer.bytes.readFloatLE(answer.bytes.length - 4)).toBe(7);
  });

  it('runs once for those who ask the same at one time', async () => {
    await follow(
      table(
        deployment('linear', [pin(folder.path, '1.2.0', linearModel(2, 1))], {
          cache,
          batching: { maxBatchSize: 32, maxDelayMs: 50 },
        }),
      ),
    );
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(5)));
    expect(answers.map(({ body }) => body.outputs?.[0]?.data?.[0])).toEqual(new Array(8).fill(11));
    expect(metricsOf('1.2.0').runs?.inferences).toBeLessThan(8);
    const found = answers.map(foundOf);
    expect(found.filter((one) => one === 'miss').length).toBe(metricsOf('1.2.0').runs?.inferences);
  });

  it('keeps no errors, and a run that fails is not shared', async () => {
    await follow(table(deployment('lookup', [pin(folder.path, '1.0.0', lookupModel())], { cache })));
    const outside = { inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }] };
    const answers = await Promise.all([1, 2, 3].map(() => inferJson(serving.port, 'lookup', outside)));
    expect(answers.map(({ status }) => status)).toEqual([500, 500, 500]);
    expect(serving.process.report().metrics.caches?.['production/lookup']).toMatchObject({ entries: 0 });
  });

  it('answers by the old version who waited for a run that failed while it was on its way out', async () => {
    const [old, young] = [
      pin(folder.path, '1.3.0', lookupModel()),
      pin(folder.path, '1.4.0', lookupModel([1, 2, 3, 4])),
    ];
    const served = (...versions: PinnedVersion[]) =>
      table(deployment('lookup', versions, { cache, batching: { maxBatchSize: 32, maxDelayMs: 1_000 } }));
    const outside = { inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }] };
    await follow(served(old, young));
    const asked = [1, 2, 3].map(() => inferJson(serving.port, 'lookup', outside));
    const { process } = serving;
    await until(() => process.report().metrics.waiting['production/lookup/1.3.0'] === 1);
    // The other two wait for the run of the first.
    await until(() => process.report().metrics.connections >= 3);
    await call(serving.port, '/v2/health/live');
    await follow(served(young));
    const answers = await Promise.all(asked);
    expect(answers.map(({ status, body }) => [status, body.error])).toEqual(
      new Array(3).fill([500, expect.stringContaining('indices element out of data bounds')]),
    );
    await until(() => process.report().versions['production/lookup/1.3.0'] === undefined);
  });

  it('never gives what another version, or another under the same name, gave', async () => {
    const served = (slope: number, weight: number) =>
      table(
        deployment(
          'linear',
          [pin(folder.path, '2.0.0', linearModel(slope, 0)), pin(folder.path, '2.1.0', linearModel(5, 0))],
          {
            cache,
            variants: [
              { version: '2.0.0', role: 'stable', weight },
              { version: '2.1.0', role: 'candidate', weight: 100 - weight },
            ],
          },
        ),
      );
    const value = async () => {
      const answer = await ask(10);
      return [answer.body.outputs?.[0]?.data?.[0], foundOf(answer)];
    };
    await follow(served(2, 100));
    expect([await value(), await value()]).toEqual([
      [20, 'miss'],
      [20, 'hit'],
    ]);
    await follow(served(2, 0));
    expect(await value()).toEqual([50, 'miss']);
    await follow(served(2, 100));
    // What was kept stays over a change of weights.
    expect(await value()).toEqual([20, 'hit']);
    await follow(served(3, 100));
    await until(async () => (await value())[0] === 30);
  });

  it('gives nobody what another tenant left', async () => {
    await follow(
      table(
        deployment('linear', [pin(folder.path, '3.0.0', linearModel(2, 0))], {
          cache,
          logging: { sample: 1, redact: [], tenant: { header: 'x-tenant' } },
        }),
      ),
    );
    const found = [];
    for (const tenant of ['a', 'b', 'a', undefined, undefined]) {
      found.push(foundOf(await ask(3, tenant === undefined ? {} : { 'x-tenant': tenant })));
    }
    expect(found).toEqual(['miss', 'miss', 'hit', 'miss', 'hit']);
  });

  it('lets a shadow run each request, also one that is answered by what was kept', async () => {
    await follow(
      table(
        deployment(
          'linear',
          [pin(folder.path, '4.0.0', linearModel(2, 0)), pin(folder.path, '4.1.0', linearModel(2, 0))],
          {
            cache,
            variants: [
              { version: '4.0.0', role: 'stable', weight: 100 },
              { version: '4.1.0', role: 'shadow', weight: 100 },
            ],
          },
        ),
      ),
    );
    for (let index = 0; index < 3; index++) await ask(3);
    await until(() => metricsOf('4.1.0').requests[200] === 3);
    expect(metricsOf('4.1.0').runs?.executions).toBe(3);
    expect(metricsOf('4.1.0').distances.counts[0]).toBe(3);
    expect(metricsOf('4.1.0').cache).toBeUndefined();
  });

  it('says nothing of it where none are kept', async () => {
    await follow(table(deployment('linear', [pin(folder.path, '5.0.0', linearModel(2, 0))])));
    expect(foundOf(await ask(3))).toBeUndefined();
  });
});
