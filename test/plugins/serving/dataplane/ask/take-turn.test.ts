/** When requests are served, as clients ask for it over REST and gRPC. */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { shownCurl } from '../../../../fixtures/shown-curl.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { InferenceClient } from '../grpc/client.ts';

const folder = temporaryFolder();
let serving: Serving;
let grpc: InferenceClient;

/** Runs that do not begin until they are let. */
let held: (() => void)[] | undefined;

beforeAll(async () => {
  serving = await startServing({
    startWorker(data) {
      const worker = startWorker(data);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { type?: string }, transfer) => {
        if (held === undefined || message.type !== 'run') post(message, transfer as never);
        else held.push(() => post(message, transfer as never));
      };
      return worker;
    },
  });
  const slow = pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' });
  const alone = { batching: { maxBatchSize: 1, maxDelayMs: 0 } };
  await serving.follow(
    table(
      deployment('slow', [slow], alone),
      deployment('narrow', [slow], { ...alone, limits: { maxQueue: 1, timeoutMs: 10_000 } }),
      deployment('quick', [pin(folder.path, '1.0.0', linearModel(2, 0))]),
    ),
  );
  grpc = new InferenceClient(`127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`);
}, 60_000);

afterAll(async () => {
  grpc.close();
  await serving.stop();
  folder.remove();
});

const ask = (headers: Readonly<Record<string, string>>, body: object = row(1) as object, model = 'slow') =>
  call(serving.port, `/v2/models/${model}/infer`, { headers, body: JSON.stringify(body) });
const waiting = (model = 'slow') =>
  serving.process.report().metrics.waiting[`production/${model}/1.0.0`] ?? 0;
const counted = () => {
  const { left, batchRows } = serving.process
    .report()
    .metrics.versions.find(({ deployment: name }) => name === 'slow')!;
  return { left: left!, runs: batchRows.counts.reduce((sum, count) => sum + count, 0) };
};

/** Two are handed to the thread, and one waits behind them, until they are let go. */
async function busy(model = 'slow'): Promise<() => Promise<void>> {
  held = [];
  const asked: ReturnType<typeof inferJson>[] = [];
  for (const handed of [1, 2]) {
    asked.push(inferJson(serving.port, model, row(1)));
    await until(() => held?.length === handed, { everyMs: 1 });
  }
  asked.push(inferJson(serving.port, model, row(1)));
  await until(() => waiting(model) === 1, { everyMs: 1 });
  return async () => {
    const runs = held!;
    held = undefined;
    for (const run of runs) run();
    for (const { status: code } of await Promise.all(asked)) expect(code).toBe(200);
  };
}

describe('a request that says how long it waits', () => {
  it('is refused or given up in time, by a header or by a parameter, and not run', async () => {
    const { runs } = counted();
    const letGo = await busy();
    const answers = await Promise.all([
      ask({ 'switchyard-timeout': '30ms' }),
      ask({}, { ...(row(1) as object), parameters: { timeout: 30_000 } }),
    ]);
    for (const { status: code, body } of answers)
      expect(['WouldBeLate 429', 'DeadlineExceeded 504']).toContain(`${body.code} ${code}`);
    await letGo();
    expect(counted().runs).toBe(runs + 3);
  });

  it('is told how long it allowed, in a unit in which that is not nothing', async () => {
    const allowed = (timeout: number) =>
      ask({}, { ...(row(1) as object), parameters: { timeout } }, 'quick').then(({ body }) => body.error);
    expect(await allowed(1)).toBe('model "quick" gave no answer within 1 µs');
    const letGo = await busy();
    const late = await ask({ 'switchyard-timeout': '30ms' });
    await letGo();
    expect(late.body.error).toMatch(/ gave no answer within 30 ms$| and the request has (30|29(\.\d)?) ms$/);
  });

  it('is late at once where it has no time', async () => {
    const { status: code, body } = await ask({ 'switchyard-timeout': '0ms' }, row(1) as object, 'quick');
    expect([code, body.error]).toEqual([504, 'model "quick" gave no answer within 0 ms']);
  });

  it('is answered where that is long enough, as docs/inference.md has it', async () => {
    const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
    const example = JSON.parse(page.match(/```json turn\n([\s\S]*?)```/)?.[1] ?? '') as object;
    const asItStands = { ...example, parameters: { timeout: 250_000_000, priority: 2 } };
    expect(example).toHaveProperty('parameters', { timeout: 250_000, priority: 2 });
    expect((await ask({}, asItStands, 'quick')).body.outputs?.[0]?.data).toEqual([6]);
    const asked = { ...(row(3) as object), parameters: { timeout: 10_000_000, priority: 1 } };
    for (let round = 0; round < 3; round++) {
      const answered = await ask({ 'switchyard-timeout': '10s', 'switchyard-priority': '9' }, asked, 'quick');
      expect(answered.body.outputs?.[0]?.data).toEqual([6]);
    }
  });

  it('says so by the headers that docs/inference.md shows', async () => {
    const { headers } = shownCurl(shownBlock('docs/inference.md', 'sh turn'));
    expect(headers).toMatchObject({ 'switchyard-timeout': '250ms', 'switchyard-priority': '2' });
    const letGo = await busy();
    const { status: code, body } = await ask(headers);
    expect(['WouldBeLate 429', 'DeadlineExceeded 504']).toContain(`${body.code} ${code}`);
    // With more time, its priority lets it pass those that came before it.
    const order: string[] = [];
    const noted = async (name: string, more: Readonly<Record<string, string>>) => {
      expect((await ask(more)).status).toBe(200);
      order.push(name);
    };
    const usual = noted('usual', {});
    await until(() => waiting() === 2, { everyMs: 1 });
    const first = noted('first', { ...headers, 'switchyard-timeout': '250s' });
    await until(() => waiting() === 3, { everyMs: 1 });
    await letGo();
    await Promise.all([usual, first]);
    expect(order).toEqual(['first', 'usual']);
  });

  it.each([
    [{ 'switchyard-timeout': 'soon' }, {}, /Switchyard-Timeout: "soon" is not a duration/],
    [{ 'switchyard-timeout': '' }, {}, /Switchyard-Timeout: "" is not a duration/],
    [{ 'switchyard-priority': '' }, {}, /Switchyard-Priority must be a whole number from 1/],
    [{ 'switchyard-priority': '0' }, {}, /Switchyard-Priority must be a whole number from 1/],
    [{}, { timeout: -1 }, /"timeout" must be a whole number: microseconds/],
    [{}, { priority: 'high' }, /"priority" must be a whole number/],
  ])('is refused where it cannot be read: %j %j', async (headers, parameters, message) => {
    const answered = await ask(
      headers as Record<string, string>,
      { ...(row(1) as object), parameters },
      'quick',
    );
    expect(answered).toMatchObject({ status: 400, body: { error: expect.stringMatching(message) } });
  });

  it('may say so over gRPC, by its parameters or by its deadline', async () => {
    const letGo = await busy();
    const request = (parameters: object) => ({
      ...{ model_name: 'slow', parameters },
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1] }],
      raw_input_contents: [Buffer.alloc(4)],
    });
    const code = (asked: Promise<unknown>) =>
      asked.then(
        () => 'answered',
        (error: { code: number }) => status[error.code],
      );
    const late = ['RESOURCE_EXHAUSTED', 'DEADLINE_EXCEEDED'];
    expect(late).toContain(
      await code(grpc.call('ModelInfer', request({ timeout: { int64_param: 30_000 } }))),
    );
    expect(late).toContain(await code(grpc.call('ModelInfer', request({}), { timeoutMs: 30 })));
    const bad = code(grpc.call('ModelInfer', request({ priority: { int64_param: -1 } })));
    expect(await bad).toBe('INVALID_ARGUMENT');
    // Their client gives up by itself: they leave the queue then.
    await until(() => waiting() === 1);
    const high = code(grpc.call('ModelInfer', request({ priority: { uint64_param: 1 } })));
    await letGo();
    expect(await high).toBe('answered');
  });
});

describe('a request whose client goes away', () => {
  const body = JSON.stringify(row(1));

  it.each([
    ['a plain connection', ''],
    ['one that node:http serves', 'te: trailers\r\n'],
  ])('over %s is not run, and counted', async (_, more) => {
    const before = counted();
    const letGo = await busy();
    const sockets = Array.from({ length: 5 }, () => {
      const socket = connect(serving.port, '127.0.0.1');
      const head = `POST /v2/models/slow/infer HTTP/1.1\r\nhost: x\r\n${more}content-length: ${body.length}\r\n\r\n`;
      socket.write(head + body);
      return socket;
    });
    await until(() => waiting() === 6);
    for (const socket of sockets) socket.destroy();
    await until(() => waiting() === 1);
    await letGo();
    const { left, runs } = counted();
    expect([left - before.left, runs - before.runs]).toEqual([5, 3]);
  });
});

describe('a request for a model that has no room', () => {
  const long = JSON.stringify({ ...(row(1) as object), id: 'x'.repeat(2_000) });
  const head = (more: string) => `POST /v2/models/narrow/infer HTTP/1.1\r\nhost: x\r\n${more}\r\n\r\n`;
  const health = 'GET /v2/health/live HTTP/1.1\r\nhost: x\r\n\r\n';

  /** Sends text; gives all that has come, once that fits. */
  function client() {
    const socket = connect(serving.port, '127.0.0.1');
    let came = '';
    let hasEnded = false;
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      came += text;
    });
    socket.on('end', () => {
      hasEnded = true;
    });
    return {
      socket,
      ended: () => until(() => hasEnded),
      async ask(text: string, fits: RegExp) {
        came = '';
        socket.write(text);
        await until(() => fits.test(came));
        return came;
      },
    };
  }

  it.each([
    ['a plain connection', `content-length: ${long.length}`, long.slice(0, 100), long.slice(100)],
    [
      'one that node:http serves',
      'transfer-encoding: chunked',
      `${long.length.toString(16)}\r\n${long.slice(0, 100)}`,
      `${long.slice(100)}\r\n0\r\n\r\n`,
    ],
  ])(
    'over %s is refused before its body has come, and the next one is answered',
    async (_, header, begin, rest) => {
      const letGo = await busy('narrow');
      const { socket, ask: send } = client();
      const refused = await send(head(header) + begin, /QueueFull/);
      expect(refused).toMatch(/^HTTP\/1.1 429 [\s\S]*\r\nretry-after: \d+\r\n/i);
      expect(refused).not.toMatch(/connection: close/i);
      expect(await send(rest + health, /"live":true/)).toMatch(/^HTTP\/1.1 200 /);
      socket.destroy();
      await letGo();
    },
  );

  it('is not told to send a body that it holds back, and its connection is closed', async () => {
    const letGo = await busy('narrow');
    const { ask: send, ended } = client();
    const refused = await send(head(`expect: 100-continue\r\ncontent-length: ${long.length}`), /QueueFull/);
    expect(refused).toMatch(/^HTTP\/1.1 429 [\s\S]*\r\nconnection: close\r\n/i);
    await ended();
    await letGo();
    const { ask: again, socket } = client();
    await again(head(`expect: 100-continue\r\ncontent-length: ${long.length}`), /^HTTP\/1.1 100 /);
    expect(await again(long, /"outputs"/)).toMatch(/^HTTP\/1.1 200 /);
    socket.destroy();
  });
});
