import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PinnedVersion } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { fits, startLoad } from '../fixtures/load.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;

beforeEach(async () => {
  folder = temporaryFolder();
  serving = await startServing({ parallelLoads: 2 });
});

afterEach(async () => {
  await serving.stop();
  folder.remove();
});

const factors = { '1.0.0': 2, '2.0.0': 3, '3.0.0': 4 };
const version = (name: keyof typeof factors, more?: { placement: PinnedVersion['placement'] }) =>
  pin(folder.path, name, linearModel(factors[name], 0), more);
const stateOf = (key: string) => serving.process.report().versions[`production/m/${key}`]?.state;

describe('a swap', () => {
  it.each(['inline', 'worker'] as const)(
    'loses no request and never answers with the wrong version: %s',
    { timeout: 60_000 },
    async (placement) => {
      const versions = [
        version('1.0.0', { placement }),
        version('2.0.0', { placement }),
        version('3.0.0', { placement }),
      ];
      await serving.follow(table(deployment('m', [versions[0]!])));
      const load = startLoad(serving.port, 'm', fits(factors));
      for (let turn = 1; turn <= 12; turn++) {
        const entry = deployment('m', [versions[turn % 3]!]);
        serving.process.apply(table(entry));
        await until(() => serving.process.report().routes['production/m'] === entry.generation);
        const before = load.answered();
        await until(() => load.answered() > before + 20);
        const answer = await inferJson(serving.port, 'm', row(1));
        expect(answer.body.model_version).toBe(versions[turn % 3]!.version);
      }
      expect(await load.stop()).toEqual([]);
      await until(() => Object.keys(serving.process.report().versions).length === 1);
    },
  );

  it('goes back at once to a version that was kept warm', async () => {
    const [old, young] = [version('1.0.0'), version('2.0.0')];
    await serving.follow(table(deployment('m', [young, old])));
    const back = deployment('m', [young, old], {
      variants: [{ version: '1.0.0', role: 'stable', weight: 100 }],
    });
    serving.process.apply(table(back));
    expect(serving.process.report().routes['production/m']).toBe(back.generation);
    expect((await inferJson(serving.port, 'm', row(1))).body.model_version).toBe('1.0.0');
  });

  it('keeps what a table takes back before it was ready from ever answering', async () => {
    const first = deployment('m', [version('1.0.0')]);
    await serving.follow(table(first));
    serving.process.apply(table(deployment('m', [version('2.0.0')])));
    serving.process.apply(table(first));
    await until(() => stateOf('2.0.0') === undefined);
    expect(serving.process.report().routes['production/m']).toBe(first.generation);
    expect((await inferJson(serving.port, 'm', row(1))).body.model_version).toBe('1.0.0');
  });

  it('loads the same artifact once for several deployments, and lets it go with the last', async () => {
    const shared = version('1.0.0');
    const dev = deployment('m', [shared], { environment: 'dev' });
    const production = deployment('m', [shared]);
    await serving.follow(table(dev, production));
    expect(serving.process.report().metrics.loads).toBe(1);
    await serving.follow(table(production));
    expect((await inferJson(serving.port, 'm', row(1))).status).toBe(200);
    expect(Object.keys(serving.process.report().versions)).toEqual(['production/m/1.0.0']);
  });

  it('takes a deployment away: requests under way are answered, later ones find nothing', async () => {
    await serving.follow(table(deployment('m', [version('1.0.0', { placement: 'worker' })])));
    const underWay = Array.from({ length: 20 }, (_, value) => inferJson(serving.port, 'm', row(value)));
    await underWay[0];
    serving.process.apply(table());
    const answers = await Promise.all(underWay);
    for (const { status } of answers) expect([200, 404]).toContain(status);
    expect(await inferJson(serving.port, 'm', row(1))).toMatchObject({ status: 404 });
    await until(() => Object.keys(serving.process.report().versions).length === 0);
  });
});

describe('weights', () => {
  it('share the requests out exactly', async () => {
    const variants = [
      { version: '1.0.0', role: 'stable' as const, weight: 90 },
      { version: '2.0.0', role: 'candidate' as const, weight: 10 },
    ];
    await serving.follow(table(deployment('m', [version('1.0.0'), version('2.0.0')], { variants })));
    const seen = { '1.0.0': 0, '2.0.0': 0 };
    for (let turn = 0; turn < 100; turn++) {
      const answer = await inferJson(serving.port, 'm', row(1));
      seen[answer.body.model_version as '1.0.0']++;
      expect(answer.headers['switchyard-variant']).toBe(
        answer.body.model_version === '1.0.0' ? 'stable' : 'candidate',
      );
    }
    expect(seen).toEqual({ '1.0.0': 90, '2.0.0': 10 });
  });

  it('let a shadow see requests that it does not answer', async () => {
    const variants = [
      { version: '1.0.0', role: 'stable' as const, weight: 100 },
      { version: '2.0.0', role: 'shadow' as const, weight: 50 },
    ];
    await serving.follow(table(deployment('m', [version('1.0.0'), version('2.0.0')], { variants })));
    for (let turn = 0; turn < 10; turn++) {
      expect((await inferJson(serving.port, 'm', row(1))).body.model_version).toBe('1.0.0');
    }
    const counted = (name: string) =>
      serving.process.report().metrics.versions.find(({ version: one }) => one === name);
    await until(() => counted('2.0.0')?.requests[200] === 5);
    expect(counted('1.0.0')?.requests[200]).toBe(10);
    // Each of its answers was compared with stable's, and the numbers of both were added up.
    const compared = () => counted('2.0.0')?.distances.counts.reduce((sum, count) => sum + count, 0);
    await until(() => compared() === 5);
    expect(counted('2.0.0')?.scores[0]?.rows).toBe(5);
    expect(counted('1.0.0')?.scores[0]?.rows).toBe(10);
  });
});

describe('rules', () => {
  it('lead requests to a version without weight, and another name stands for it', async () => {
    const variants = [
      { version: '1.0.0', role: 'stable' as const, weight: 100 },
      { version: '2.0.0', role: 'candidate' as const, weight: 0 },
    ];
    const rules = {
      matches: [{ all: [{ query: 'beta', equals: 'yes' }], version: '2.0.0' }],
      aliases: { preview: '2.0.0' },
    };
    await serving.follow(table(deployment('m', [version('1.0.0'), version('2.0.0')], { variants, rules })));
    const answering = async (path: string) =>
      (await inferJson(serving.port, path, row(1))).body.model_version;
    expect(await answering('m')).toBe('1.0.0');
    expect(await answering('m/versions/preview')).toBe('2.0.0');
    const led = await call(serving.port, '/v2/models/m/infer?beta=yes', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(row(1)),
    });
    expect(led.body).toMatchObject({ model_version: '2.0.0' });
    expect(led.headers['switchyard-variant']).toBe('candidate');
    expect(await call(serving.port, '/v2/models/m/versions/preview/ready')).toMatchObject({ status: 200 });
  });
});

describe('a version that was never ready', () => {
  it('is answered with 503 and when to come back', async () => {
    serving.process.apply(table(deployment('m', [version('1.0.0')])));
    const answer = await inferJson(serving.port, 'm', row(1));
    expect(answer).toMatchObject({
      status: 503,
      headers: { 'retry-after': '1' },
      body: { code: 'ModelLoading' },
    });
    expect(await call(serving.port, '/v2/models/m/ready')).toMatchObject({ status: 503 });
    await until(() => stateOf('1.0.0') === 'ready');
    expect((await inferJson(serving.port, 'm', row(1))).status).toBe(200);
  });
});
