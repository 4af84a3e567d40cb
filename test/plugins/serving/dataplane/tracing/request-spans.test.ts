import { Agent } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RoutingTable } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { openTracing, type Tracing } from '../../../../../plugins/serving/dataplane/tracing/tracing.ts';
import { exposition } from '../../../../../plugins/serving/exposition/exposition.ts';
import { openMetrics } from '../../../../../server/exposition.ts';
import { OtlpReceiver, type ReceivedSpan } from '../../../../fixtures/otlp-receiver.ts';
import { shownBlock } from '../../../../fixtures/shown-block.ts';
import { until } from '../../../../fixtures/until.ts';
import { call, inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, lookupModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { InferenceClient } from '../grpc/client.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const caller = '00f067aa0ba902b7';

const folder = temporaryFolder();
const lines: {
  readonly message: string;
  readonly facts: Record<string, unknown>;
  readonly level?: string;
}[] = [];
let receiver: OtlpReceiver;
let tracing: Tracing;
let serving: Serving;
let served: RoutingTable;

beforeAll(async () => {
  receiver = await OtlpReceiver.open();
  tracing = openTracing({
    environment: {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: 'parentbased_always_on',
      OTEL_BSP_SCHEDULE_DELAY: '5',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    },
    ...{ id: '0', version: '1.2.3', log: () => {} },
  })!;
  const log = (message: string, facts: Record<string, unknown>, level?: string) =>
    void lines.push({ message, facts, ...(level === undefined ? {} : { level }) });
  serving = await startServing({ tracing, log, slowMs: 60_000 });
  served = table(
    deployment('linear', [pin(folder.path, '1.0.0', linearModel(2, 0))]),
    deployment('gathered', [pin(folder.path, '1.0.0', linearModel(2, 0))], {
      batching: { maxBatchSize: 8, maxDelayMs: 20_000 },
    }),
    deployment('lookup', [pin(folder.path, '1.0.0', lookupModel())]),
  );
  await serving.follow(served);
});

afterAll(async () => {
  await serving.stop();
  await receiver.close();
  folder.remove();
});
afterEach(() => {
  receiver.spans.length = 0;
  lines.length = 0;
});

async function infer(model: string, body: object, headers: Readonly<Record<string, string>> = {}) {
  return call(serving.port, `/v2/models/${model}/infer`, { body: JSON.stringify(body), headers });
}

/** The model fails on it. */
const outside = { inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }] };

/** Spans of a request: its own, and those below it by name. */
async function spansOf(trace: string, count: number): Promise<readonly ReceivedSpan[]> {
  const own = () => receiver.spans.filter((span) => span.traceId === trace);
  await until(() => own().length >= count);
  return own();
}

function named(spans: readonly ReceivedSpan[], name: string): ReceivedSpan {
  const span = spans.find((one) => one.name === name);
  expect(span, `${name} among ${spans.map((one) => one.name)}`).toBeDefined();
  return span!;
}

describe('the spans of a request', () => {
  it('are those of the caller’s trace, and say what answered', async () => {
    const answer = await infer('linear', row(20) as object, {
      traceparent: `00-${traceId}-${caller}-01`,
      tracestate: 'vendor=a',
      'user-agent': 'a test',
    });
    expect(answer.status).toBe(200);
    const spans = await spansOf(traceId, 3);
    const own = named(spans, 'POST /v2/models/{model}/infer');
    expect(own).toMatchObject({
      parentSpanId: caller,
      traceState: 'vendor=a',
      kind: 2,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/v2/models/{model}/infer',
        'http.response.status_code': 200,
        'url.path': '/v2/models/linear/infer',
        'url.scheme': 'http',
        'user_agent.original': 'a test',
        'switchyard.deployment': 'linear',
        'switchyard.model': 'linear',
        'switchyard.version': '1.0.0',
        'switchyard.variant': 'stable',
        'switchyard.prediction.id': answer.headers['switchyard-prediction-id'],
      },
      resource: {
        'service.name': 'switchyard',
        'service.version': '1.2.3',
        'deployment.environment.name': 'test',
      },
    });
    expect(own.status).toBeUndefined();
    expect(answer.headers.traceresponse).toBe(`00-${traceId}-${own.spanId}-01`);
    const [queue, run] = [named(spans, 'queue'), named(spans, 'run')];
    for (const span of [queue, run]) expect(span.parentSpanId).toBe(own.spanId);
    expect(run.attributes).toEqual({ 'switchyard.batch.rows': 1, 'switchyard.batch.requests': 1 });
    const times = [
      own.startTimeUnixNano,
      queue.startTimeUnixNano,
      queue.endTimeUnixNano,
      run.endTimeUnixNano,
      own.endTimeUnixNano,
    ].map(BigInt);
    expect([...times].sort((one, other) => (one < other ? -1 : 1))).toEqual(times);
    expect(run.startTimeUnixNano).toBe(queue.endTimeUnixNano);
  });

  it('are what the newest request of a bucket of latencies is known by, and none that is not sent', async () => {
    const others = 'a'.repeat(32);
    await infer('linear', row(1) as object, { traceparent: `00-${traceId}-${caller}-01` });
    await infer('linear', row(1) as object, { traceparent: `00-${others}-${caller}-00` });
    const { versions } = serving.process.report().metrics;
    const known = versions.flatMap(({ exemplars = [] }) => exemplars.map((one) => one?.traceId));
    expect(known).toContain(traceId);
    expect(known).not.toContain(others);
  });

  it('are led to from a bucket as docs/metrics.md shows', async () => {
    await infer('linear', row(1) as object, { traceparent: `00-${traceId}-${caller}-01` });
    const at = new Date().toISOString();
    const page = exposition({
      processes: [
        { id: '0', pid: 1, startedAt: at, state: 'live', report: serving.process.report(), starts: 1 },
      ],
      losses: () => ({ died: 0, stuck: 0, memory: 0 }),
      expected: 1,
      table: served,
      isTablePersisted: true,
      artifacts: { fetched: 0, failed: 0, repaired: 0, bytes: 0 },
    });
    const shown = partsOf(shownBlock('docs/metrics.md', 'openmetrics exemplar').trim());
    const lines = openMetrics(page)
      .split('\n')
      .filter((line) => line.includes(traceId))
      .map(partsOf);
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect([line.name, Object.keys(line.labels)]).toEqual([shown.name, Object.keys(shown.labels)]);
      expect(line.exemplar).toEqual({ trace_id: traceId });
      expect(Object.keys(shown.exemplar)).toEqual(['trace_id']);
      expect(line.numbers).toHaveLength(shown.numbers.length);
    }
    // It lies in the bucket that names it, as what is shown does.
    for (const { labels, numbers } of [shown, ...lines])
      expect(numbers[1]).toBeLessThanOrEqual(Number(labels.le));
  });

  it('begin a trace where the caller has none, which the answer names', async () => {
    const { headers } = await inferJson(serving.port, 'linear', row(1));
    const [, trace = '', id] = String(headers.traceresponse).split('-');
    const own = named(await spansOf(trace, 3), 'POST /v2/models/{model}/infer');
    expect(own.spanId).toBe(id);
    expect(own.parentSpanId).toBeUndefined();
  });

  it('are of a trace of their own for each request of a connection that says the same', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const path = '/v2/models/linear/infer';
    const body = JSON.stringify(row(1));
    const ids: string[] = [];
    for (let index = 0; index < 3; index++) {
      const { headers } = await call(serving.port, path, { body, agent });
      ids.push(String(headers.traceresponse).split('-')[1]!);
    }
    agent.destroy();
    expect(new Set(ids).size).toBe(3);
    for (const id of ids)
      expect(named(await spansOf(id, 3), 'POST /v2/models/{model}/infer').parentSpanId).toBeUndefined();
  });

  it('share a run that several requests share', async () => {
    // It waits for all eight.
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, at) => infer('gathered', row(at) as object)),
    );
    const ids = answers.map(({ headers }) => String(headers.traceresponse).split('-')[1]!);
    await until(() => receiver.spans.filter(({ name }) => name === 'batch').length === 8);
    const attributes = { 'switchyard.batch.rows': 8, 'switchyard.batch.requests': 8 };
    const runs = receiver.spans.filter(({ name }) => name === 'run');
    expect(runs).toMatchObject([{ attributes }]);
    const [{ traceId: first, spanId, parentSpanId }] = runs as [ReceivedSpan];
    const batches = receiver.spans.filter(({ name }) => name === 'batch');
    expect(new Set(batches.map((batch) => batch.traceId))).toEqual(new Set(ids));
    for (const batch of batches) {
      const leads = batch.spanId === parentSpanId;
      expect(batch.traceId === first).toBe(leads);
      expect(batch.attributes).toEqual(attributes);
      if (!leads) expect(batch.links).toMatchObject([{ traceId: first, spanId }]);
    }
    // Whoever looks at the run finds the requests that shared it.
    const led = batches.find((batch) => batch.spanId === parentSpanId)!;
    const requests = receiver.spans.filter(
      ({ name, traceId: one }) => name.startsWith('POST') && one !== first,
    );
    const both = (one: { readonly traceId: string; readonly spanId: string }) =>
      `${one.traceId} ${one.spanId}`;
    expect(led.links.map(both).sort()).toEqual(requests.map(both).sort());
    expect(requests).toHaveLength(7);
  });

  it('are none where the caller has decided against them, and the answer says so', async () => {
    const { headers } = await infer('linear', row(1) as object, {
      traceparent: `00-${traceId}-${caller}-00`,
    });
    expect(headers.traceresponse).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    const next = await infer('linear', row(1) as object);
    await spansOf(String(next.headers.traceresponse).split('-')[1]!, 3);
    expect(receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  it('tell what went wrong: an error of ours, or of the client', async () => {
    const failed = await infer('lookup', outside, { traceparent: `00-${traceId}-${caller}-01` });
    const wrong = await infer('linear', { inputs: [] });
    expect(wrong.status).toBe(400);
    const trace = String(wrong.headers.traceresponse).split('-')[1]!;
    const client = named(await spansOf(trace, 1), 'POST /v2/models/{model}/infer');
    expect(client.status).toBeUndefined();
    expect(client.attributes).toMatchObject({
      'http.response.status_code': 400,
      'error.type': wrong.body.code,
    });
    expect(failed.status, JSON.stringify(failed.body)).toBe(500);
    const ours = named(await spansOf(traceId, 1), 'POST /v2/models/{model}/infer');
    expect(ours.status).toEqual({ code: 2, message: failed.body.code });
  });
});

/** What a line of OpenMetrics with an exemplar says. */
function partsOf(line: string) {
  const [, name = '', labels = '', count, exemplar = '', value, seconds] =
    /^(\w+)\{(.*)\} (\S+) # \{(.*)\} (\S+) (\S+)$/.exec(line) ?? [];
  const pairs = (text: string) =>
    Object.fromEntries(
      [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, key = '', given = '']) => [key, given]),
    );
  const numbers = [count, value, seconds].map(Number);
  expect(numbers.every(Number.isFinite), line).toBe(true);
  return { name, labels: pairs(labels), exemplar: pairs(exemplar), numbers };
}

describe('the spans of a request by gRPC', () => {
  let client: InferenceClient;
  beforeAll(async () => {
    const port = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
    client = new InferenceClient(`127.0.0.1:${port}`);
  });
  afterAll(() => client.close());

  const method = 'inference.GRPCInferenceService/ModelInfer';
  const request = {
    model_name: 'linear',
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [20] } }],
  };
  const traced = (flags: string) => ({
    metadata: { traceparent: `00-${traceId}-${caller}-${flags}`, tracestate: 'vendor=a' },
  });

  it('are those of the trace that its metadata name, and the answer’s say so', async () => {
    const { metadata } = await client.call('ModelInfer', request, traced('01'));
    const spans = await spansOf(traceId, 3);
    const own = named(spans, method);
    expect(own).toMatchObject({
      parentSpanId: caller,
      traceState: 'vendor=a',
      kind: 2,
      attributes: {
        'rpc.system': 'grpc',
        'rpc.service': 'inference.GRPCInferenceService',
        'rpc.method': 'ModelInfer',
        'user_agent.original': expect.stringMatching(/^grpc-node-js/),
        'switchyard.deployment': 'linear',
        'switchyard.version': '1.0.0',
        'switchyard.prediction.id': metadata['switchyard-prediction-id'],
      },
    });
    expect(own.status).toBeUndefined();
    expect(own.attributes).not.toHaveProperty('http.route');
    expect(metadata.traceresponse).toBe(`00-${traceId}-${own.spanId}-01`);
    for (const name of ['queue', 'run'])
      expect(named(spans, name)).toMatchObject({ traceId, parentSpanId: own.spanId });
  });

  it('tell what it was refused for', async () => {
    const unknown = client.call('ModelInfer', { ...request, model_name: 'none' }, traced('01'));
    await expect(unknown).rejects.toMatchObject({ code: 5 });
    const own = named(await spansOf(traceId, 1), method);
    expect(own).toMatchObject({ parentSpanId: caller, attributes: { 'error.type': 'ModelNotFound' } });
  });

  it('are none where the caller has decided against them, and of a trace of their own where it says nothing', async () => {
    const undecided = await client.call('ModelInfer', request, traced('00'));
    expect(undecided.metadata.traceresponse).toMatch(new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    const next = await client.call('ModelInfer', request);
    const trace = String(next.metadata.traceresponse).split('-')[1]!;
    expect(named(await spansOf(trace, 3), method).parentSpanId).toBeUndefined();
    expect(receiver.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });
});

describe('a line of the log', () => {
  it('is written of an error of ours, and names its trace and span', async () => {
    const answer = await infer('lookup', outside);
    await infer('linear', { inputs: [] });
    await infer('linear', row(1) as object);
    const [, trace, span] = String(answer.headers.traceresponse).split('-');
    expect(lines.filter(({ message }) => message.startsWith('request'))).toEqual([
      {
        message: 'request failed',
        level: 'warn',
        facts: {
          status: 500,
          code: answer.body.code,
          milliseconds: expect.any(Number),
          environment: expect.any(String),
          deployment: 'lookup',
          version: '1.0.0',
          variant: 'stable',
          prediction: answer.headers['switchyard-prediction-id'],
          trace_id: trace,
          span_id: span,
        },
      },
    ]);
  });
});
