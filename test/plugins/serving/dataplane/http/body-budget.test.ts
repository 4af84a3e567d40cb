import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../../../../fixtures/until.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const kilobyte = 1024;
let folder: ReturnType<typeof temporaryFolder>;
let serving: Serving;
let sockets: Socket[];

beforeEach(async () => {
  folder = temporaryFolder();
  sockets = [];
  serving = await startServing({ bodyLimit: 100 * kilobyte, bodyBudget: 200 * kilobyte });
  await serving.follow(table(deployment('m', [pin(folder.path, '1.0.0', linearModel(2, 0))])));
});

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await serving.stop();
  folder.remove();
});

/** A client that sends a piece of its request and waits. */
function client(headers: string, body = ''): { readonly socket: Socket; answer(): string } {
  const socket = connect(serving.port, '127.0.0.1');
  sockets.push(socket);
  let answer = '';
  socket.on('data', (chunk) => {
    answer += String(chunk);
  });
  socket.on('error', () => {});
  socket.write(`POST /v2/models/m/infer HTTP/1.1\r\nhost: x\r\n${headers}\r\n\r\n${body}`);
  return { socket, answer: () => answer };
}

const chunk = (bytes: number): string => `${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`;
const chunked = 'transfer-encoding: chunked';
const announcing = (bytes: number): string => `content-length: ${bytes}`;

/** Two clients that hold most of the budget. */
async function almostFull(): Promise<Socket[]> {
  const slow = [0, 1].map(() => client(announcing(100 * kilobyte), ' '.repeat(95 * kilobyte)).socket);
  await until(async () => (await large()) === 503);
  return slow;
}

/** The status for a request of 50 KiB. */
async function large(): Promise<number> {
  const { status, headers, body } = await inferJson(
    serving.port,
    'm',
    JSON.stringify(row(1)) + ' '.repeat(50 * kilobyte),
  );
  if (status === 503) {
    expect(headers['retry-after']).toBe('1');
    expect(body).toMatchObject({ code: 'ServerBusy', hint: expect.any(String) });
  }
  return status;
}

describe('bodies that hold all the memory there is for them', () => {
  it('leave room for small requests', async () => {
    await almostFull();
    expect((await inferJson(serving.port, 'm', row(1))).status).toBe(200);
  });

  it('keep out a body in chunks as soon as there is no room for it', async () => {
    await almostFull();
    const late = client(chunked, chunk(30 * kilobyte));
    await until(() => late.answer().includes('ServerBusy'));
    expect(late.answer()).toMatch(/^HTTP\/1.1 503 /);
  });

  it('keep out a client that asks first', async () => {
    await almostFull();
    const late = client(`${announcing(50 * kilobyte)}\r\nexpect: 100-continue`);
    await until(() => late.answer().includes('ServerBusy'));
    expect(late.answer()).toMatch(/^HTTP\/1.1 503 /);
  });

  it('give it back when their clients go away', async () => {
    for (const socket of await almostFull()) socket.destroy();
    await until(async () => (await large()) === 200);
  });

  it('give it back when they are answered, refused or too large', async () => {
    const [first] = await almostFull();
    first?.write(' '.repeat(5 * kilobyte));
    await until(async () => (await large()) === 200);
    for (let round = 0; round < 10; round++) {
      expect(await large()).toBe(200);
      expect((await inferJson(serving.port, 'm', '{'.repeat(50 * kilobyte))).status).toBe(400);
      const tooLarge = client(chunked, chunk(101 * kilobyte));
      await until(
        () => tooLarge.answer().includes('BodyTooLarge') || tooLarge.answer().includes('ServerBusy'),
      );
      tooLarge.socket.destroy();
    }
    expect(await large()).toBe(200);
  });

  it('are not those that were only announced', async () => {
    for (let count = 0; count < 20; count++) client(announcing(100 * kilobyte), ' ');
    expect(await large()).toBe(200);
  });

  it('count what a piece costs, so that a body of tiny pieces cannot take a multiple of its size', async () => {
    const tiny = client(chunked, chunk(1).repeat(2 * kilobyte));
    await until(() => tiny.answer().includes('ServerBusy'));
    expect((await inferJson(serving.port, 'm', row(1))).status).toBe(200);
  });
});
