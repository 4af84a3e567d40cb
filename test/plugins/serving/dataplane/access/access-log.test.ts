import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { AccessLog } from '../../../../../plugins/serving/dataplane/access/access-log.ts';
import { accessRules } from '../../../../../plugins/serving/dataplane/access/access-rules.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { InferenceClient } from '../grpc/client.ts';

type Line = Readonly<Record<string, unknown>>;

const folder = temporaryFolder();
const file = join(folder.path, 'access.log');
let serving: Serving;

beforeAll(async () => {
  serving = await startServing({ accessRules: { share: 1 }, accessFile: file });
  await serving.follow(table(deployment('linear', [pin(folder.path, '1.2.0', linearModel(2, 1))])));
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

function linesOf(path: string): readonly Line[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

async function lineWhere(holds: (line: Line) => boolean): Promise<Line> {
  await until(() => linesOf(file).some(holds));
  return linesOf(file).find(holds)!;
}

describe('a line of the access log', () => {
  it('says what was asked, what answered, and how long each part took', async () => {
    const { headers, bytes } = await call(serving.port, '/v2/models/linear/infer?user=ann', {
      headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00' },
      body: JSON.stringify(row(20)),
    });
    const prediction = headers['switchyard-prediction-id'];
    const line = await lineWhere((one) => one.prediction === prediction);
    expect(line).toMatchObject({
      level: 'info',
      process: '0',
      protocol: 'http',
      method: 'POST',
      path: '/v2/models/linear/infer',
      status: 200,
      bytes: bytes.length,
      environment: 'production',
      deployment: 'linear',
      version: '1.2.0',
      variant: 'stable',
      batchRows: 1,
      trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
      msg: 'access',
    });
    expect(line.milliseconds).toBeGreaterThan(line.queueMilliseconds as number);
    expect(Date.parse(String(line.time))).toBeGreaterThan(0);
  });

  it('has the names that its page shows', async () => {
    const page = readFileSync(packageFile('docs/observability.md'), 'utf8');
    const shown = JSON.parse(page.match(/```json access\n([\s\S]*?)```/)?.[1] ?? '') as Line;
    const line = await lineWhere(({ trace_id }) => trace_id !== undefined);
    // These need a deployment that assigns by key, and a collector.
    expect(Object.keys(shown).filter((name) => !['key', 'span_id'].includes(name))).toEqual(
      Object.keys(line),
    );
  });

  it('names the code of an error, and is there for what is no inference, too', async () => {
    await inferJson(serving.port, 'linear', { inputs: [] });
    await call(serving.port, '/v2/health/ready');
    await call(serving.port, '/nothing/here');
    expect(await lineWhere(({ status }) => status === 400)).toMatchObject({
      code: 'InvalidTensor',
      version: '1.2.0',
    });
    expect(await lineWhere(({ path }) => path === '/v2/health/ready')).toMatchObject({
      method: 'GET',
      status: 200,
    });
    const nowhere = await lineWhere(({ status }) => status === 404);
    expect(nowhere).toMatchObject({ path: '/nothing/here', code: 'NotFound' });
    expect(nowhere).not.toHaveProperty('deployment');
  });

  it('holds nothing that lets anybody in, nor what was asked', async () => {
    const secret = 'hunter2-and-more';
    await call(serving.port, `/v2/models/linear/infer?token=${secret}`, {
      headers: { authorization: `Bearer ${secret}`, cookie: `session=${secret}`, 'x-api-key': secret },
      body: JSON.stringify({ ...(row(1) as object), id: secret }),
    });
    await call(serving.port, `http://${secret}@host/v2/health/live?${secret}`);
    await lineWhere(({ path }) => path === '/v2/health/live');
    await call(serving.port, `/v2/jobs/${'0'.repeat(16)}.${'ab'.repeat(16)}/result`);
    await lineWhere(({ path }) => path === `/v2/jobs/${'0'.repeat(16)}.*/result`);
    expect(readFileSync(file, 'utf8')).not.toContain('ab'.repeat(16));
    expect(readFileSync(file, 'utf8')).not.toContain(secret);
  });

  it('is there for gRPC', async () => {
    const port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
    const client = new InferenceClient(`127.0.0.1:${port}`);
    const inputs = [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [1] } }];
    await client.call('ModelInfer', { model_name: 'linear', inputs });
    await client.call('ModelInfer', { model_name: 'nobody', inputs }).catch(() => {});
    client.close();
    const ofGrpc = ({ protocol }: Line) => protocol === 'grpc';
    expect(await lineWhere((line) => ofGrpc(line) && line.status === 200)).toMatchObject({
      method: 'ModelInfer',
      path: '/inference.GRPCInferenceService/ModelInfer',
      version: '1.2.0',
      batchRows: 1,
    });
    expect(await lineWhere((line) => ofGrpc(line) && line.status === 404)).toMatchObject({
      code: 'ModelNotFound',
    });
  });
});

describe('which requests have one', () => {
  it.each([
    ['none', 'none'],
    ['errors', { share: 0 }],
    ['all', { share: 1 }],
    ['0.5%', { share: 0.005 }],
    ['100%', { share: 1 }],
    ['0%', undefined],
    ['101%', undefined],
    ['some', undefined],
  ])('%s', (text, rules) => {
    expect(accessRules(text)).toEqual(rules);
  });

  it('every tenth of what went well and each error, where a tenth is asked for', async () => {
    const log = new AccessLog({
      rules: { share: 0.1 },
      to: join(folder.path, 'a'),
      process: '0',
      log: () => {},
    });
    const wanted = Array.from({ length: 100 }, () => log.wants(200)).filter(Boolean);
    expect(wanted).toHaveLength(10);
    expect([log.wants(400), log.wants(500)]).toEqual([true, true]);
    await log.close();
  });
});

it('drops and counts what finds no room, and waits for nobody', async () => {
  const path = join(folder.path, 'full');
  const log = new AccessLog({ rules: { share: 1 }, to: path, process: '0', log: () => {} });
  // Within one turn of the event loop nothing is written.
  for (let index = 0; index < 3000; index++) log.write({ path: 'x'.repeat(500) });
  const { lines, dropped } = log.counts();
  expect(lines + dropped).toBe(3000);
  expect(dropped).toBeGreaterThan(500);
  await log.close();
  expect(linesOf(path)).toHaveLength(lines);
});

it('says once that its file cannot be written, and holds up no end', async () => {
  const said: string[] = [];
  const to = join(folder.path, 'nowhere', 'access.log');
  const log = new AccessLog({ rules: { share: 1 }, to, process: '0', log: (line) => void said.push(line) });
  for (let index = 0; index < 3; index++) log.write({});
  expect(log.counts()).toEqual({ lines: 0, dropped: 3 });
  await log.close();
  expect(said).toEqual(['the access log cannot be written']);
});
