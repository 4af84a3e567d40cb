import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { sendJson } from '../../../../../plugins/serving/dataplane/http/json-answer.ts';
import {
  type BodyReader,
  ReadingTurns,
} from '../../../../../plugins/serving/dataplane/http/reading-turns.ts';
import { until } from '../../../../fixtures/until.ts';
import { limits, startInferencePort } from './plain/peers.ts';

const megabyte = 2 ** 20;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** One that has so many bytes to read, all of which have come, or none. */
class Reader implements BodyReader {
  readonly #turns: ReadingTurns;
  readonly #hasCome: boolean;
  readonly #onWhole: () => void;
  left: number;
  isWanted = true;
  isPutOff = false;
  /** Of how many turns it has had. */
  turns = 0;

  constructor(turns: ReadingTurns, left: number, hasCome = true, onWhole = () => {}) {
    this.#onWhole = onWhole;
    this.#turns = turns;
    this.left = left;
    this.#hasCome = hasCome;
  }

  /** As much as it may. */
  read(): void {
    while (this.left > 0 && !this.isPutOff) {
      const bytes = Math.min(this.left, 65_536);
      this.left -= bytes;
      if (this.left > 0) this.isPutOff = !this.#turns.mayReadOn(this, bytes);
      else this.#onWhole();
    }
  }

  readOn(): void {
    this.isPutOff = false;
    this.turns++;
    if (this.#hasCome) setImmediate(() => this.read());
  }
}

it('bodies are read one after the other, so much of them in a turn', async () => {
  const turns = new ReadingTurns();
  const readers: Reader[] = [];
  /** What is left of each whenever one is whole. */
  const left: number[][] = [];
  for (let index = 0; index < 3; index++) {
    const note = () => left.push(readers.map((reader) => reader.left));
    readers.push(new Reader(turns, 3 * megabyte, true, note));
  }
  for (const reader of readers) reader.read();
  const begun = 3 * megabyte - 65_536;
  expect(readers.map((reader) => reader.left)).toEqual([2 * megabyte, begun, begun]);
  expect(turns.waiting).toBe(3);
  await until(() => left.length === 3);
  expect(left[0]).toEqual([0, begun, begun]);
  expect(left[1]!.slice(0, 2)).toEqual([0, 0]);
  expect(left[1]![2]).toBeGreaterThan(megabyte);
  expect(turns.waiting).toBe(0);
});

it('one of which nothing more comes keeps no other waiting', async () => {
  const turns = new ReadingTurns();
  new Reader(turns, 2 * megabyte).read();
  const silent = new Reader(turns, 2 * megabyte, false);
  silent.read();
  const next = new Reader(turns, 2 * megabyte);
  next.read();
  await until(() => next.left === 0, { everyMs: 0 });
  expect(silent.turns).toBe(1);
});

it('what is thrown away is nothing to wait for', async () => {
  const turns = new ReadingTurns();
  const unwanted = new Reader(turns, 2 * megabyte);
  unwanted.isWanted = false;
  unwanted.read();
  expect(unwanted.isPutOff).toBe(true);
  expect(turns.waiting).toBe(0);
  await turn();
});

const clients = 24;
const bytes = megabyte;

/** Sends the same from many connections, on a thread of its own. */
const sender = `
  const { workerData: { port, clients, request, isSent } } = require('node:worker_threads');
  let open = 0;
  for (let index = 0; index < clients; index++) {
    const socket = require('node:net').connect(port, '127.0.0.1', () => {
      socket.write(request);
      if (++open === clients) setTimeout(() => { Atomics.store(isSent, 0, 1); Atomics.notify(isSent, 0); }, 100);
    });
    socket.resume();
  }
`;

it.each([
  ['plain connections', `Content-Length: ${bytes}`, '', ''],
  ['connections of node:http', `Proxy-Connection: keep-alive\r\nContent-Length: ${bytes}`, '', ''],
  ['connections with chunks', 'Transfer-Encoding: chunked', `${bytes.toString(16)}\r\n`, '\r\n0\r\n\r\n'],
])(
  'of all that has come over %s a turn of the event loop reads little',
  async (_, framing, before, behind) => {
    const within = { ...limits(), bodyLimit: 2 * megabyte };
    const putOff: number[] = [];
    const peer = await startInferencePort(async (exchange) => {
      const body = await exchange.readBody(within);
      putOff.push(body.putOff);
      expect(body.bytes.equals(Buffer.alloc(bytes, 'x'))).toBe(true);
      sendJson(exchange, 200, {});
    });
    const request = `POST / HTTP/1.1\r\nHost: x\r\n${framing}\r\n\r\n${before}${'x'.repeat(bytes)}${behind}`;
    const isSent = new Int32Array(new SharedArrayBuffer(4));
    const worker = new Worker(sender, {
      eval: true,
      workerData: { port: peer.port, clients, request, isSent },
    });
    await once(worker, 'online');
    // Nothing is read meanwhile: the system takes it in.
    expect(Atomics.wait(isSent, 0, 0, 10_000)).not.toBe('timed-out');
    let most = 0;
    for (let held = 0; putOff.length < clients; ) {
      await turn();
      const now = within.bodyBudget.held;
      most = Math.max(most, now - held);
      held = now;
    }
    expect(most).toBeLessThan(megabyte + clients * 2.5 * 65_536);
    expect(putOff.filter((milliseconds) => milliseconds > 0).length).toBeGreaterThan(0);
    await worker.terminate();
    await peer.close();
  },
);
