/** What needs no body to be refused is refused as soon as the head of a request has come. */
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { call } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const folder = temporaryFolder();
let serving: Serving;

beforeAll(async () => {
  serving = await startServing();
  const linear = () => [pin(folder.path, '1.0.0', linearModel(2, 0))];
  const limited = (burst: number) => ({
    limits: { maxQueue: 10, timeoutMs: 10_000, rates: [{ perSecond: 0.001, burst }] },
  });
  await serving.follow({
    ...table(
      deployment('linear', linear()),
      deployment('limited', linear(), limited(1)),
      deployment('small', linear(), limited(2)),
      deployment('large', linear(), limited(2)),
      deployment('broken', [{ ...linear()[0]!, digest: `sha256:${'0'.repeat(64)}` }]),
    ),
    jobs: { folder: `${folder.path}/jobs`, mostJobs: 5, mostBytes: 1024 * 1024 },
  });
  const taken = await call(serving.port, '/v2/models/limited/predict', { body: '{"rows":[{"x":1}]}' });
  expect(taken.status).toBe(200);
}, 60_000);

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

/** What is answered to the head of a request alone: `more` is a header that sends it one way or another through the server. */
function answerToHead(path: string, more: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(serving.port, '127.0.0.1');
    let text = '';
    socket.on('error', reject);
    socket.setTimeout(5_000, () => socket.destroy(new Error('the head alone was not answered')));
    socket.on('data', (bytes) => {
      text += String(bytes);
      if (!text.endsWith('}')) return;
      socket.destroy();
      resolve(text);
    });
    socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 8000000\r\n${more}\r\n`);
  });
}

const ways = { plain: '', 'node:http': 'Proxy-Connection: keep-alive\r\n' };

it.each(
  [
    ['/v2/models/nobody/infer', 404, 'ModelNotFound'],
    ['/v2/models/nobody/predict', 404, 'ModelNotFound'],
    ['/v2/models/nobody/predict?async=true', 404, 'ModelNotFound'],
    ['/v2/models/linear/predict?async=1', 400, 'InvalidRequest'],
    ['/v2/models/linear/predict?async=true&async=false', 400, 'InvalidRequest'],
    ['/v2/models/linear/predict?async=false&async=true', 400, 'InvalidRequest'],
    ['/v2/models/linear/infer?async=false&async=true', 400, 'InvalidRequest'],
    ['/v2/models/linear/predict?async', 400, 'InvalidRequest'],
    ['/v2/models/linear/infer?async=true', 400, 'InvalidRequest'],
    ['/environments/nowhere/v2/models/linear/infer', 404, 'EnvironmentNotFound'],
    ['/v2/models/linear/versions/9.9.9/infer', 404, 'VersionNotFound'],
    ['/v2/models/limited/predict', 429, 'RateLimited'],
    ['/v2/models/limited/predict?async=true', 429, 'RateLimited'],
    ['/v2/models/broken/infer', 503, 'ModelFailed'],
  ].flatMap(([path, status, code]) =>
    Object.keys(ways).map((way) => [path as string, way as keyof typeof ways, status, code] as const),
  ),
)('%s, by way of %s, is answered with %d %s before its body', async (path, way, status, code) => {
  const more = ways[way];
  const answer = await answerToHead(path, more);
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain(`"code":"${code}"`);
});

it.each([
  ['/v2/models/nobody/infer', 404, 'ModelNotFound'],
  ['/v2/models/nobody/predict?async=true', 404, 'ModelNotFound'],
  ['/environments/nowhere/v2/models/linear/infer', 404, 'EnvironmentNotFound'],
])('%s is so, too, where it has a key', async (path, status, code) => {
  const answer = await answerToHead(path, 'Idempotency-Key: 4f1c6c2e\r\n');
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(answer).toContain(`"code":"${code}"`);
});

/** What comes of a request after which the client closes, and which it sends whole whatever it hears meanwhile. */
function answerToClosing(path: string, first: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(serving.port, '127.0.0.1');
    let text = '';
    socket.on('error', reject);
    socket.setTimeout(5_000, () => socket.destroy(new Error('there was no answer')));
    socket.on('data', (bytes) => {
      text += String(bytes);
    });
    let left = 40;
    socket.on('end', () => {
      if (left === 0) resolve(text);
      else reject(new Error('the connection was closed while its client still sent'));
    });
    socket.write(`POST ${path} ${first}Content-Length: 4000000\r\n\r\n`);
    const pieces = setInterval(() => {
      socket.write(Buffer.alloc(100_000, ' '));
      left--;
      if (left === 0 || socket.destroyed) clearInterval(pieces);
    }, 1);
  });
}

it('tells who asks for a job with tensors, or sends rows as tensors, where rows go', async () => {
  const rows = '{"rows":[{"x":1}]}';
  const tensors = '{"inputs":[{"name":"x","datatype":"FP32","shape":[1,1],"data":[1]}]}';
  const ask = (path: string, body: string) => call(serving.port, `/v2/models/linear/${path}`, { body });
  expect(await ask('infer?async=true', tensors)).toMatchObject({
    status: 400,
    body: {
      error: 'tensors are answered at once: "async" is for rows',
      hint: 'Send rows by name to …/predict?async=true.',
    },
  });
  expect(await ask('infer', rows)).toMatchObject({
    status: 400,
    body: { error: 'the request has "rows" and no "inputs"', hint: 'Send rows by name to …/predict.' },
  });
  for (const path of ['infer?async=false', 'infer?asinc=true'])
    expect((await ask(path, tensors)).status).toBe(200);
  expect((await ask('predict?asinc=true', rows)).status).toBe(200);
});

it.each([
  ['HTTP/1.1\r\nHost: x\r\nConnection: close\r\n', '/v2/models/nobody/infer', 404],
  ['HTTP/1.0\r\n', '/v2/models/limited/predict', 429],
  ['HTTP/1.0\r\n', '/v2/models/broken/infer', 503],
])('is heard by who closes the connection behind a body: %j %s', async (first, path, status) => {
  for (let round = 0; round < 3; round++)
    expect(await answerToClosing(path, first)).toMatch(new RegExp(`^HTTP/1.1 ${status} [^]*}$`));
});

it.each([
  ['with its head', 'small', 0],
  ['behind it', 'large', 300_000],
])('counts a request once whose body comes %s', async (_, model, spaces) => {
  const body = `{"rows":[{"x":1}]${' '.repeat(spaces)}}`;
  const statuses: number[] = [];
  for (let round = 0; round < 3; round++)
    statuses.push((await call(serving.port, `/v2/models/${model}/predict`, { body })).status);
  expect(statuses).toEqual([200, 200, 429]);
});

it.each(Object.keys(ways) as (keyof typeof ways)[])(
  'a job for which there is no room is, by way of %s, refused before its rows have come',
  async (way) => {
    const path = '/v2/models/linear/predict?async=true';
    await until(async () => (await call(serving.port, path, { body: '{"rows":[{"x":1}]}' })).status === 429);
    const answer = await answerToHead(path, ways[way]);
    expect(answer).toMatch(/^HTTP\/1.1 429 /);
    expect(answer).toContain('"code":"JobsFull"');
  },
);
