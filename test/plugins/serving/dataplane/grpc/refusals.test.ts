/** What a call is refused with: its status, its code, and when to come again. */
import { readFileSync } from 'node:fs';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { InferenceError } from '../../../../../plugins/serving/dataplane/errors/inference-error.ts';
import { statusOf } from '../../../../../plugins/serving/dataplane/grpc/status.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { until } from '../../../../fixtures/until.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, lookupModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { type CallOptions, InferenceClient } from './client.ts';

const kilobyte = 1024;
const folder = temporaryFolder();
/** What threads are not told until they are let: to run. */
let runs: (() => void)[] | undefined;
/** What threads say that nobody hears until then: that they have loaded. */
const unheard: (() => void)[] = [];
let isHeard = true;
let serving: Serving;
let address: string;
let client: InferenceClient;

const byKey = { key: { header: 'x-api-key' }, perSecond: 0.01, burst: 1 };
const slowly = { perSecond: 2, burst: 1 };

beforeAll(async () => {
  serving = await startServing({
    bodyLimit: 8 * kilobyte,
    startWorker(data) {
      const worker = startWorker(data);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { type?: string }, transfer) => {
        const send = () => post(message, transfer as never);
        if (runs !== undefined && message.type === 'run') runs.push(send);
        else send();
      };
      const on = worker.on.bind(worker);
      worker.on = ((event: 'message', listener: (...given: unknown[]) => void) =>
        on(event, (...given: unknown[]) => {
          if (isHeard) listener(...given);
          else unheard.push(() => listener(...given));
        })) as never;
      return worker;
    },
  });
  const at = folder.path;
  const limits = { maxQueue: 10, timeoutMs: 10_000 };
  const ready = [
    deployment('narrow', [pin(at, '1.0.0', linearModel(2, 0), { placement: 'worker' })], {
      batching: { maxBatchSize: 1, maxDelayMs: 0 },
      limits: { maxQueue: 1, timeoutMs: 60_000 },
    }),
    deployment('linear', [pin(at, '1.0.0', linearModel(2, 0))]),
    deployment('lookup', [pin(at, '1.0.0', lookupModel())]),
    deployment('broken', [pin(at, '1.0.0', { ...linearModel(1, 0), bytes: Buffer.from('not a model') })]),
    deployment('keyed', [pin(at, '1.0.0', linearModel(2, 0))], { limits: { ...limits, rates: [byKey] } }),
    deployment('rare', [pin(at, '1.0.0', linearModel(2, 0))], { limits: { ...limits, rates: [slowly] } }),
  ];
  await serving.follow(table(...ready));
  isHeard = false;
  const loading = pin(at, '1.0.0', linearModel(3, 0), { placement: 'worker' });
  serving.process.apply(table(...ready, deployment('loading', [loading])));
  await until(() => unheard.length > 0);
  isHeard = true;
  address = `127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`;
  client = new InferenceClient(address);
}, 60_000);

afterAll(async () => {
  client.close();
  for (const hear of unheard) hear();
  await serving.stop();
  folder.remove();
});

const row = (model: string, more: object = {}) => ({
  model_name: model,
  inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1], contents: { fp32_contents: [4] } }],
  ...more,
});
const index = { name: 'index', datatype: 'INT64', shape: [1], contents: { int64_contents: [99] } };

interface Refusal {
  readonly code: number;
  readonly metadata: { get(name: string): readonly unknown[] };
}

/** Answered with that, or refused so. `pushback`: milliseconds; undefined where nothing helps. */
async function outcome(request: object, options: CallOptions = {}, method = 'ModelInfer') {
  try {
    const { body } = await client.call(method, request, options);
    const [output] = body.outputs as readonly { readonly contents: { readonly fp32_contents: unknown } }[];
    return { answered: output?.contents.fp32_contents };
  } catch (thrown) {
    const { code, metadata } = thrown as Refusal;
    const [pushback] = metadata.get('grpc-retry-pushback-ms');
    return {
      status: status[code],
      code: metadata.get('switchyard-code')[0],
      pushback: pushback === undefined ? undefined : Number(pushback),
    };
  }
}

/** A thread has two of them, and one waits behind them: there is no room for another. */
async function fill(): Promise<() => Promise<void>> {
  const handed: (() => void)[] = [];
  runs = handed;
  const asked: ReturnType<typeof outcome>[] = [];
  for (const count of [1, 2]) {
    asked.push(outcome(row('narrow'), { timeoutMs: 60_000 }));
    await until(() => handed.length === count);
  }
  asked.push(outcome(row('narrow'), { timeoutMs: 60_000 }));
  await until(() => serving.process.report().metrics.waiting['production/narrow/1.0.0'] === 1);
  return async () => {
    runs = undefined;
    for (const run of handed) run();
    for (const answer of await Promise.all(asked)) expect(answer).toEqual({ answered: [8] });
  };
}

/** A microsecond, by the server's clock: the client has time. */
const late = { timeout: { int64_param: 1 } };
const tooLarge = { raw_input_contents: [Buffer.alloc(9 * kilobyte)] };

describe('a call that is refused', () => {
  it.each([
    ['for a model that is not there', row('none'), 'NOT_FOUND', 'ModelNotFound', undefined],
    [
      'for an input that is not as the model has it',
      { model_name: 'linear' },
      'INVALID_ARGUMENT',
      'InvalidTensor',
      undefined,
    ],
    ['for its size', row('linear', tooLarge), 'RESOURCE_EXHAUSTED', 'BodyTooLarge', undefined],
    ['for a model that is being loaded', row('loading'), 'UNAVAILABLE', 'ModelLoading', 1_000],
    ['for a model that could not be loaded', row('broken'), 'UNAVAILABLE', 'ModelFailed', 30_000],
    [
      'as the model fails on it',
      { model_name: 'lookup', inputs: [index] },
      'INTERNAL',
      'InferenceFailed',
      undefined,
    ],
    [
      'as its time is over',
      row('linear', { parameters: late }),
      'DEADLINE_EXCEEDED',
      'DeadlineExceeded',
      undefined,
    ],
  ])('%s is told so, and whether to come again', async (_, request, name, code, pushback) => {
    expect(await outcome(request)).toEqual({ status: name, code, pushback });
  });

  it('for a queue that is full is told when there is likely to be room', async () => {
    const makeRoom = await fill();
    const refused = await outcome(row('narrow'));
    await makeRoom();
    expect(refused).toEqual({
      status: 'RESOURCE_EXHAUSTED',
      code: 'QueueFull',
      pushback: expect.any(Number),
    });
    expect(refused.pushback).toBeGreaterThan(0);
    expect(Number.isInteger(refused.pushback)).toBe(true);
    expect(await outcome(row('narrow'))).toEqual({ answered: [8] });
  });

  it('for a rate is told when there is room for the next, and no other key is', async () => {
    const of = (key: string) => ({ metadata: { 'x-api-key': key } });
    expect(await outcome(row('keyed'), of('one'))).toEqual({ answered: [8] });
    const refused = await outcome(row('keyed'), of('one'));
    expect(refused).toMatchObject({ status: 'RESOURCE_EXHAUSTED', code: 'RateLimited' });
    // A token comes in 100 seconds; some of them are over.
    expect(refused.pushback).toBeGreaterThan(0);
    expect(refused.pushback).toBeLessThanOrEqual(100_000);
    expect(await outcome(row('keyed'), of('another'))).toEqual({ answered: [8] });
  });

  it('comes again when it is told to, where its client does so by itself', async () => {
    // What the client would wait by its own count is longer than the call may take.
    const retryPolicy = {
      ...{ maxAttempts: 5, initialBackoff: '600s', maxBackoff: '600s', backoffMultiplier: 1 },
      retryableStatusCodes: ['RESOURCE_EXHAUSTED'],
    };
    const service = { service: 'inference.GRPCInferenceService' };
    const config = JSON.stringify({ methodConfig: [{ name: [service], retryPolicy }] });
    const patient = new InferenceClient(address, { 'grpc.service_config': config });
    try {
      const began = performance.now();
      for (let turn = 0; turn < 3; turn++) {
        const { body } = await patient.call('ModelInfer', row('rare'), { timeoutMs: 60_000 });
        expect(body.outputs).toMatchObject([{ contents: { fp32_contents: [8] } }]);
      }
      // Two tokens, of two a second.
      expect(performance.now() - began).toBeGreaterThan(900);
    } finally {
      patient.close();
    }
  });
});

describe('the status of each code', () => {
  const sectionOf = (page: string, head: string): string => {
    const text = readFileSync(packageFile(page), 'utf8');
    const from = text.indexOf(head);
    expect(from).toBeGreaterThan(0);
    return text.slice(from, text.indexOf('\n\n', from + head.length + 2));
  };
  const codes = [...sectionOf('docs/errors.md', '## Inference').matchAll(/^\| `(\w+)` \| (\d{3}) \|/gm)].map(
    ([, code = '', http]) => [code, Number(http)] as const,
  );
  const lines = [
    ...sectionOf('docs/inference.md', '| HTTP status of the code below |').matchAll(
      /^\| (.*?) \| `([A-Z_]+)` \|$/gm,
    ),
  ];
  /** By a code, or by an HTTP status. */
  const told = new Map(
    lines.flatMap(([, which = '', name = '']) =>
      [...which.matchAll(/`(\w+)`|\b(\d{3})\b/g)].map(([, code, http]) => [code ?? http, name] as const),
    ),
  );
  /** Keys of requests that are sent again are not heard here, and what is no request of HTTP/1.1 is none of HTTP/2 either. */
  const ofHttp = ['MalformedRequest', 'RequestTimeout', 'HeadersTooLarge', 'ExpectationUnknown'];
  const neverTold = ['IdempotencyKeyReused', ...ofHttp];

  it('is the one that docs/inference.md has', () => {
    expect(codes.length).toBeGreaterThan(25);
    for (const [code, http] of codes.filter(([name]) => !neverTold.includes(name))) {
      const trailers = statusOf(new InferenceError(code, http, 'told'));
      expect(`${code} ${status[trailers['grpc-status'] as number]}`).toBe(
        `${code} ${told.get(code) ?? told.get(`${http}`)}`,
      );
    }
  });

  it('is of a code that there is, and of a status that some code has', () => {
    const known = new Set(codes.flatMap(([code, http]) => [code, `${http}`]));
    expect([...told.keys()].filter((one) => !known.has(one!))).toEqual([]);
  });
});
