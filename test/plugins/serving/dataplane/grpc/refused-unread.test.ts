/** What needs no message to be refused is refused as soon as the head of a call has come, or its prefix. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const kilobyte = 1024;
const folder = temporaryFolder();
let serving: Serving;
let session: ClientHttp2Session;

beforeAll(async () => {
  serving = await startServing({ bodyLimit: 100 * kilobyte, bodyBudget: 150 * kilobyte });
  await serving.follow(table(deployment('linear', [pin(folder.path, '1.0.0', linearModel(2, 0))])));
  session = connect(`http://127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`);
}, 60_000);

afterAll(async () => {
  session.destroy();
  await serving.stop();
  folder.remove();
});

const infer = '/inference.GRPCInferenceService/ModelInfer';

interface Begun {
  readonly stream: ClientHttp2Stream;
  readonly said: () => { readonly status: string | undefined; readonly code: unknown };
}

function begin(path: string, headers: Readonly<Record<string, string | string[]>>): Begun {
  const stream = session.request({
    ...{ ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    ...headers,
  });
  let said: Readonly<Record<string, unknown>> = {};
  const take = (given: object): void => {
    said = { ...said, ...given };
  };
  stream.on('response', take);
  stream.on('trailers', take);
  stream.on('error', () => {});
  stream.resume();
  const statusOf = (): string | undefined =>
    said['grpc-status'] === undefined ? undefined : status[Number(said['grpc-status'])];
  return { stream, said: () => ({ status: statusOf(), code: said['switchyard-code'] }) };
}

function prefix(length: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

describe('a call whose message has not come', () => {
  it.each([
    ['nothing', ''],
    ['a number alone', '250'],
    ['a unit alone', 'm'],
    ['an unknown unit', '250s'],
    ['nine digits', '100000000m'],
    ['a sign', '-1m'],
    ['a fraction', '1.5S'],
    ['more behind it', '250mm'],
    ['two of them', '1S, 2S'],
  ])('is refused for a grpc-timeout of %s', async (_, timeout) => {
    for (const path of [infer, '/grpc.health.v1.Health/Watch', '/nothing/Here']) {
      const { said, stream } = begin(path, { 'grpc-timeout': timeout });
      await until(() => said().status !== undefined);
      expect(said()).toEqual({ status: 'INTERNAL', code: 'InvalidCallTimeout' });
      await until(() => stream.closed);
    }
  });

  it('is given up when a right one is over', async () => {
    for (const timeout of ['20m', '20000u', '0S']) {
      const { said } = begin(infer, { 'grpc-timeout': timeout });
      await until(() => said().status !== undefined);
      expect(said()).toEqual({ status: 'DEADLINE_EXCEEDED', code: 'DeadlineExceeded' });
    }
  });

  it('is refused for an environment that is not there', async () => {
    const { said } = begin(infer, { 'switchyard-environment': 'nowhere' });
    await until(() => said().status !== undefined);
    expect(said()).toEqual({ status: 'NOT_FOUND', code: 'EnvironmentNotFound' });
  });

  it('is refused by its prefix where there is no room for it', async () => {
    const first = begin(infer, {});
    first.stream.write(Buffer.concat([prefix(90 * kilobyte), Buffer.alloc(80 * kilobyte)]));
    const other = () => {
      const late = begin(infer, {});
      late.stream.write(prefix(90 * kilobyte));
      return late;
    };
    // What is sent first need not be read first.
    await until(async () => {
      const { said, stream } = other();
      await until(() => said().status !== undefined, { deadlineMs: 100 }).catch(() => {});
      stream.close();
      return said().status === 'RESOURCE_EXHAUSTED' && said().code === 'ServerBusy';
    });
    first.stream.close();
    await until(async () => {
      const { said, stream } = other();
      await until(() => said().status !== undefined, { deadlineMs: 100 }).catch(() => {});
      stream.close();
      return said().status === undefined;
    });
  });
});
