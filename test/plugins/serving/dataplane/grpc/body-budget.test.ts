/** Messages that do not come whole, or not as they are: sent on bare HTTP/2, which holds a client to nothing. */
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { identityModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const megabyte = 1024 * 1024;
const folder = temporaryFolder();
let serving: Serving;
let address: string;
let sessions: ClientHttp2Session[] = [];

beforeAll(async () => {
  serving = await startServing({ bodyLimit: megabyte, bodyBudget: 4 * megabyte });
  await serving.follow(table(deployment('bytes', [pin(folder.path, '1.0.0', identityModel('BYTES'))])));
  address = `http://127.0.0.1:${await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`;
}, 60_000);

afterEach(() => {
  for (const session of sessions) session.destroy();
  sessions = [];
});

afterAll(async () => {
  await serving.stop();
  folder.remove();
});

function session(where = address): ClientHttp2Session {
  // Else the client gives up what it has not sent.
  const opened = connect(where, { maxSessionMemory: 1_000 });
  opened.on('error', () => {});
  sessions.push(opened);
  return opened;
}

interface Sent {
  readonly stream: ClientHttp2Stream;
  /** The status by its name; `cut` where the stream ended without one, undefined while it lasts. */
  readonly outcome: () => string | undefined;
  readonly code: () => unknown;
}

function begin(on: ClientHttp2Session, headers: Readonly<Record<string, string>> = {}): Sent {
  const stream = on.request({
    ':method': 'POST',
    ':path': '/inference.GRPCInferenceService/ModelInfer',
    'content-type': 'application/grpc',
    te: 'trailers',
    ...headers,
  });
  let said: Readonly<Record<string, unknown>> = {};
  let isClosed = false;
  const take = (given: object): void => {
    said = { ...said, ...given };
  };
  stream.on('response', take);
  stream.on('trailers', take);
  stream.on('error', () => {});
  stream.on('close', () => {
    isClosed = true;
  });
  stream.resume();
  const outcome = (): string | undefined =>
    said['grpc-status'] === undefined ? (isClosed ? 'cut' : undefined) : status[Number(said['grpc-status'])];
  return { stream, outcome, code: () => said['switchyard-code'] };
}

function prefix(length: number, flag = 0): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = flag;
  bytes.writeUInt32BE(length, 1);
  return bytes;
}

/** A field of bytes of up to 2 MiB. */
const field = (number: number, bytes: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from([
      (number << 3) | 2,
      (bytes.length & 127) | 128,
      ((bytes.length >> 7) & 127) | 128,
      bytes.length >> 14,
    ]),
    bytes,
  ]);

/** A call of about so many bytes, which the model answers with as many. */
function message(bytes: number): Buffer {
  const tensor = Buffer.concat([
    field(1, Buffer.from('x')),
    field(2, Buffer.from('BYTES')),
    field(3, Buffer.from([1, 2])),
    field(5, Buffer.concat([field(8, Buffer.alloc(bytes, 'a')), field(8, Buffer.from('b'))])),
  ]);
  return Buffer.concat([field(1, Buffer.from('bytes')), field(5, tensor)]);
}

async function answered(
  bytes: number,
  headers = {},
  wrap = (whole: Buffer) => [prefix(whole.length), whole],
) {
  const call = begin(session(), headers);
  for (const piece of wrap(message(bytes))) call.stream.write(piece);
  call.stream.end();
  await until(() => call.outcome() !== undefined);
  return call.outcome();
}

describe('messages that do not come whole', () => {
  it('hold no more than the budget together, and who finds no room is told so', async () => {
    const before = process.memoryUsage().rss;
    const half = Buffer.concat([prefix(megabyte), Buffer.alloc(0.9 * megabyte)]);
    const calls = [0, 1, 2].flatMap(() => {
      const one = session();
      return Array.from({ length: 100 }, () => {
        const call = begin(one);
        call.stream.write(half);
        return call;
      });
    });
    await until(() => calls.filter((call) => call.outcome() === 'RESOURCE_EXHAUSTED').length >= 295);
    expect(calls.filter((call) => call.outcome() === undefined).length).toBeGreaterThanOrEqual(3);
    expect(new Set(calls.map((call) => call.code()))).toEqual(new Set([undefined, 'ServerBusy']));
    expect(await answered(10)).toBe('OK');
    // Sent were 270 MiB, which lie on the sending side of this process, too, until they are refused.
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * megabyte);
    for (const one of sessions) one.destroy();
    await until(async () => (await answered(0.9 * megabyte)) === 'OK');
  }, 60_000);

  it('may come in pieces of a byte, and count what a piece costs', async () => {
    const one = session();
    const call = begin(one);
    call.stream.write(prefix(megabyte));
    const whole = message(300);
    const slow = begin(one);
    for (const byte of Buffer.concat([prefix(whole.length), whole])) slow.stream.write(Buffer.from([byte]));
    slow.stream.end();
    await until(() => slow.outcome() !== undefined);
    expect(slow.outcome()).toBe('OK');
  });

  it.each([
    ['ends within its message', [prefix(10), Buffer.alloc(5)], 'INVALID_ARGUMENT'],
    ['ends before its message', [], 'INVALID_ARGUMENT'],
    ['ends within the length of its message', [Buffer.alloc(3)], 'INVALID_ARGUMENT'],
    ['has a second message', [prefix(1), Buffer.alloc(1), prefix(1), Buffer.alloc(1)], 'INVALID_ARGUMENT'],
    ['announces more than the limit', [prefix(0xffff_ffff)], 'RESOURCE_EXHAUSTED'],
  ])('a call that %s is refused', async (_, pieces, expected) => {
    const call = begin(session());
    for (const piece of pieces) call.stream.write(piece);
    call.stream.end();
    await until(() => call.outcome() !== undefined);
    expect(call.outcome()).toBe(expected);
  });

  it('are given up at the deadline of their call', async () => {
    const call = begin(session(), { 'grpc-timeout': '30m' });
    call.stream.write(prefix(100));
    await until(() => call.outcome() !== undefined);
    expect(call.outcome()).toBe('DEADLINE_EXCEEDED');
  });
});

describe('a client that keeps its call waiting', () => {
  it('is told that its time is over, while others on its connection are answered', async () => {
    const impatient = await startServing({ requestTimeoutMs: 400 });
    try {
      await impatient.follow(table(deployment('bytes', [pin(folder.path, '1.0.0', identityModel('BYTES'))])));
      const here = `http://127.0.0.1:${await impatient.process.listenGrpc({ port: 0, host: '127.0.0.1' })}`;
      const one = session(here);
      const slow = begin(one);
      slow.stream.write(prefix(megabyte));
      const silent = begin(one);
      const whole = message(10);
      const other = begin(one);
      other.stream.write(prefix(whole.length));
      other.stream.end(whole);
      await until(() => [slow, silent, other].every((call) => call.outcome() !== undefined));
      expect([slow, silent, other].map((call) => call.outcome())).toEqual([
        'DEADLINE_EXCEEDED',
        'DEADLINE_EXCEEDED',
        'OK',
      ]);
    } finally {
      await impatient.stop();
    }
  });
});

describe('messages that are compressed', () => {
  const gzipped = (whole: Buffer): Buffer[] => {
    const bytes = gzipSync(whole);
    return [prefix(bytes.length, 1), bytes];
  };

  it('are unfolded within the limit', async () => {
    expect(await answered(100_000, { 'grpc-encoding': 'gzip' }, gzipped)).toBe('OK');
    expect(await answered(2 * megabyte - 20, { 'grpc-encoding': 'gzip' }, gzipped)).toBe(
      'RESOURCE_EXHAUSTED',
    );
  });

  it('are refused where it is not said how, or not known', async () => {
    expect(await answered(10, {}, gzipped)).toBe('UNIMPLEMENTED');
    expect(await answered(10, { 'grpc-encoding': 'zstd' }, gzipped)).toBe('UNIMPLEMENTED');
    const broken = () => [prefix(4, 1), Buffer.from('none')];
    expect(await answered(10, { 'grpc-encoding': 'gzip' }, broken)).toBe('INVALID_ARGUMENT');
  });

  it('hold no more than the budget together while they are unfolded', async () => {
    const bytes = gzipSync(Buffer.alloc(megabyte - 100));
    const one = session();
    const calls = Array.from({ length: 50 }, () => {
      const call = begin(one, { 'grpc-encoding': 'gzip' });
      call.stream.write(prefix(bytes.length, 1));
      call.stream.end(bytes);
      return call;
    });
    await until(() => calls.every((call) => call.outcome() !== undefined));
    expect(calls.map((call) => call.outcome())).toContain('RESOURCE_EXHAUSTED');
    await until(async () => (await answered(0.9 * megabyte)) === 'OK');
  });
});

it('calls that are cut at any time are nobody’s failure, and take nothing with them', async () => {
  const whole = message(1000);
  const calls = Array.from({ length: 300 }, (_, index) => {
    const call = begin(sessions.at(-1) ?? session(), index % 3 === 0 ? { 'grpc-timeout': '1m' } : {});
    call.stream.write(prefix(whole.length));
    call.stream.end(whole);
    if (index % 3 === 1) setTimeout(() => call.stream.close(8), index % 7);
    return call;
  });
  await until(() => calls.every((call) => call.outcome() !== undefined));
  const outcomes = new Set(calls.map((call) => call.outcome()));
  for (const outcome of outcomes) expect(['OK', 'DEADLINE_EXCEEDED', 'cut']).toContain(outcome);
  for (const [index, call] of calls.entries()) if (index % 3 === 2) expect(call.outcome()).toBe('OK');
  expect(await answered(0.9 * megabyte)).toBe('OK');
});
