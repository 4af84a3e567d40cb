import { readFile } from 'node:fs/promises';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { encodingFor } from '../../../../../plugins/serving/dataplane/http/dressed-exchange.ts';
import { servingSettings } from '../../../../../plugins/serving/settings/settings.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { call, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const page = 'https://app.example.com';
const folder = temporaryFolder();
let serving: Serving;
let plain: Serving;

beforeAll(async () => {
  const bodyLimit = 100_000;
  serving = await startServing({ bodyLimit, corsOrigins: [page], compressFrom: 1024 });
  plain = await startServing({ bodyLimit });
  const served = deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0))]);
  for (const one of [serving, plain]) await one.follow(table(served));
}, 60_000);

afterAll(async () => {
  await serving.stop();
  await plain.stop();
  folder.remove();
});

const rows = (count: number) =>
  JSON.stringify({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [count, 1], data: new Array(count).fill(1.5) }],
  });

/** Without unfolding what comes. */
async function ask(port: number, headers: Readonly<Record<string, string>>, body: string | Buffer) {
  const response = await fetch(`http://127.0.0.1:${port}/v2/models/m/infer`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: body as never,
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

describe('answers', () => {
  it.each(['gzip', 'br', 'gzip;q=0.5, br', 'deflate, gzip'])(
    'that are large are compressed for those who take %s',
    async (accepted) => {
      const answered = await ask(serving.port, { 'accept-encoding': accepted }, rows(2000));
      expect(answered.headers.get('content-encoding')).toBe(/gzip$/.test(accepted) ? 'gzip' : 'br');
      expect(Number(answered.headers.get('content-length'))).toBeLessThan(1000);
      expect(JSON.parse(answered.text).outputs[0].data).toEqual(new Array(2000).fill(3));
    },
  );

  it('are as they are where they are small, where nobody takes it, and where nobody asked for it', async () => {
    for (const [port, accepted, count] of [
      [serving.port, 'gzip', 1],
      [serving.port, 'identity', 2000],
      [serving.port, 'gzip;q=0, br;q=0', 2000],
      [plain.port, 'gzip', 2000],
    ] as const) {
      const answered = await ask(port, { 'accept-encoding': accepted }, rows(count));
      expect(answered.headers.get('content-encoding')).toBeNull();
      expect(answered.headers.get('vary')).toBe(port === plain.port ? null : 'origin, accept-encoding');
    }
  });

  it('with tensors behind the JSON say how long the JSON is once they are unfolded', async () => {
    const request = JSON.parse(rows(2000));
    const body = JSON.stringify({ ...request, parameters: { binary_data_output: true } });
    const response = await fetch(`http://127.0.0.1:${serving.port}/v2/models/m/infer`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    const length = Number(response.headers.get('inference-header-content-length'));
    expect(JSON.parse(bytes.subarray(0, length).toString()).outputs[0].parameters.binary_data_size).toBe(
      8000,
    );
    expect(bytes.length).toBe(length + 8000);
  });

  it('choose the way that is liked best', () => {
    expect(encodingFor('gzip, br')).toBe('gzip');
    expect(encodingFor('GZIP;q=0.1 , BR;q=0.2')).toBe('br');
    expect(encodingFor('zstd, *')).toBeUndefined();
    expect(encodingFor('gzip;q=x')).toBeUndefined();
  });
});

describe('bodies that are compressed', () => {
  it.each([
    ['gzip', gzipSync],
    ['GZip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
  ])('with %s are unfolded', async (encoding, compress) => {
    const answered = await ask(plain.port, { 'content-encoding': encoding }, compress(rows(3)));
    expect(JSON.parse(answered.text).outputs[0].data).toEqual([3, 3, 3]);
  });

  it('are refused where they unfold to more than the limit, are broken, or compressed in another way', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000));
    expect((await ask(plain.port, { 'content-encoding': 'gzip' }, bomb)).status).toBe(413);
    expect((await ask(plain.port, { 'content-encoding': 'gzip' }, rows(3))).status).toBe(400);
    expect(
      (await ask(plain.port, { 'content-encoding': 'gzip' }, gzipSync(rows(300)).subarray(0, 40))).status,
    ).toBe(400);
    expect((await ask(plain.port, { 'content-encoding': 'zstd' }, rows(3))).status).toBe(415);
    expect((await ask(plain.port, {}, rows(3))).status).toBe(200);
  });
});

describe('pages of other origins', () => {
  const preflight = (port: number, origin: string) =>
    call(port, '/v2/models/m/infer', {
      method: 'OPTIONS',
      headers: {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type, switchyard-timeout',
      },
    });

  it('may ask where the operator names them', async () => {
    const asked = await preflight(serving.port, page);
    expect(asked.status).toBe(200);
    expect(asked.headers).toMatchObject({
      'access-control-allow-origin': page,
      'access-control-allow-methods': 'GET, HEAD, POST, DELETE',
      'access-control-allow-headers': 'content-type, switchyard-timeout',
      'access-control-max-age': '600',
    });
    for (const body of [JSON.stringify(row(1)), 'broken']) {
      const answered = await ask(serving.port, { origin: page }, body);
      expect(answered.headers.get('access-control-allow-origin')).toBe(page);
      expect(answered.headers.get('access-control-expose-headers')).toContain('switchyard-prediction-id');
    }
  });

  it('may read every header that the documentation names', async () => {
    const answered = await ask(serving.port, { origin: page }, JSON.stringify(row(1)));
    const readable = answered.headers.get('access-control-expose-headers')?.split(', ');
    const documentation = await readFile(packageFile('docs/inference.md'), 'utf8');
    const named =
      documentation.match(/`(?:switchyard-(?!timeout|priority|environment|code)[a-z-]+)\b/g) ?? [];
    const own = new Set(named.map((name) => name.slice(1)));
    expect(own).toContain('switchyard-cache');
    expect(readable).toEqual(
      expect.arrayContaining([...own, 'idempotent-replayed', 'location', 'retry-after']),
    );
  });

  it('may, and gets large answers compressed, with the settings that docs/inference.md shows', async () => {
    const { corsOrigins, compressFrom } = servingSettings(
      parse(shownBlock('docs/inference.md', 'yaml serving')),
    );
    const set = await startServing({ corsOrigins, compressFrom });
    try {
      await set.follow(table(deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0))])));
      expect((await preflight(set.port, 'https://other.example.com')).status).toBe(405);
      const asked = await preflight(set.port, 'https://app.example.com');
      expect(asked.headers['access-control-allow-origin']).toBe('https://app.example.com');
      for (const [count, encoding, least, most] of [
        [30_000, null, 60_000, 65_535],
        [35_000, 'gzip', 65_536, 75_000],
      ] as const) {
        const answered = await ask(set.port, { 'accept-encoding': 'gzip' }, rows(count));
        expect(answered.headers.get('content-encoding')).toBe(encoding);
        expect(answered.text.length).toBeGreaterThanOrEqual(least);
        expect(answered.text.length).toBeLessThanOrEqual(most);
      }
    } finally {
      await set.stop();
    }
  });

  it('may not where it does not', async () => {
    for (const [port, origin] of [
      [serving.port, 'https://other.example.com'],
      [plain.port, page],
    ] as const) {
      expect((await preflight(port, origin)).status).toBe(405);
      const answered = await ask(port, { origin }, JSON.stringify(row(1)));
      expect(answered.headers.get('access-control-allow-origin')).toBeNull();
    }
  });
});
