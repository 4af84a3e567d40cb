/**
 * What becomes of a connection behind a request that was refused before its body had come. Bodies that nobody wants are full of requests:
 * none of them may be answered, and what follows them has to be. `FUZZ_SECONDS=600 npx vitest run
 * test/plugins/serving/dataplane/fuzz/refused-bodies.test.ts` goes on for ten minutes; `FUZZ_SEED` begins elsewhere.
 */
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../../../../libraries/statistics/index.ts';
import { BodyBudget } from '../../../../../plugins/serving/dataplane/http/body-budget.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { until } from '../../../../fixtures/until.ts';
import { inferJson, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { linearModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? '0');
const random = seededRandom(Number(process.env.FUZZ_SEED ?? '20261130'));
/** Without a time, so many connections. */
const connections = 250;
const atOnce = 25;

const folder = temporaryFolder();
const budgets = new Set<BodyBudget>();
/** Runs of the model without room do not begin until the end. */
const held: (() => void)[] = [];
const kept: Promise<unknown>[] = [];
let isHeld = true;
let serving: Serving;

beforeAll(async () => {
  const { take } = BodyBudget.prototype;
  BodyBudget.prototype.take = function (this: BodyBudget, bytes) {
    budgets.add(this);
    return take.call(this, bytes);
  };
  serving = await startServing({
    bodyLimit: 256 * 1024,
    startWorker(data) {
      const worker = startWorker(data);
      const post = worker.postMessage.bind(worker);
      worker.postMessage = (message: { type?: string }, transfer) => {
        if (isHeld && message.type === 'run') held.push(() => post(message, transfer as never));
        else post(message, transfer as never);
      };
      return worker;
    },
  });
  await serving.follow(
    table(
      deployment('full', [pin(folder.path, '1.0.0', linearModel(2, 0), { placement: 'worker' })], {
        batching: { maxBatchSize: 1, maxDelayMs: 0 },
        limits: { maxQueue: 1, timeoutMs: 600_000 },
      }),
      deployment('quick', [pin(folder.path, '1.0.0', linearModel(2, 0))]),
    ),
  );
  for (const handed of [1, 2]) {
    kept.push(inferJson(serving.port, 'full', row(1)));
    await until(() => held.length === handed);
  }
  kept.push(inferJson(serving.port, 'full', row(1)));
  await until(() => serving.process.report().metrics.waiting['production/full/1.0.0'] === 1);
}, 60_000);

afterAll(async () => {
  await letGo();
  await serving.stop();
  folder.remove();
});

async function letGo(): Promise<void> {
  isHeld = false;
  for (const run of held.splice(0)) run();
  await Promise.all(kept);
}

interface Sent {
  readonly head: string;
  readonly body: Buffer;
  /** The beginning of what is to be answered. */
  readonly answer: RegExp;
  /** Whether the body is sent once the server asks for it. */
  readonly asksFirst: boolean;
  readonly isLast: boolean;
  readonly what: string;
}

const stranger = 'GET /v2/models/smuggled HTTP/1.1\r\nHost: x\r\nX-Pad: 0123456789\r\n\r\n';
const targets = {
  // What is short and came with its head is read first.
  full: {
    path: '/v2/models/full/infer',
    answer: /^HTTP\/1.1 (429 [\s\S]*"QueueFull"|400 [\s\S]*"InvalidRequest")/,
  },
  nobody: { path: '/v2/models/nobody/infer', answer: /^HTTP\/1.1 404 [\s\S]*\\"nobody\\"/ },
  'no rows': { path: '/v2/models/nobody/predict', answer: /^HTTP\/1.1 404 [\s\S]*\\"nobody\\"/ },
  'no path': { path: '/nowhere', answer: /^HTTP\/1.1 404 [\s\S]*there is nothing at/ },
} as const;
const framings = ['length', 'chunks', 'gzip', 'expect', 'expect in chunks', 'close'] as const;

function nextRequest(): Sent {
  const chosen = random.below(10);
  const framing = framings[random.below(framings.length)]!;
  const isSmall = random.below(3) > 0;
  const size = random.below(isSmall ? 3_000 : 200_000);
  const names = Object.keys(targets) as (keyof typeof targets)[];
  const name = names[random.below(names.length)]!;
  const isAnswered = chosen < 4;
  const x = random.below(1_000);
  const { path, answer } = isAnswered
    ? { path: '/v2/models/quick/infer', answer: new RegExp(`^HTTP/1.1 200 [\\s\\S]*"data":\\[${x * 2}\\]`) }
    : targets[name];
  let body = isAnswered
    ? Buffer.from(JSON.stringify(row(x)) + '\r\n'.repeat(size / 2))
    : Buffer.from(stranger.repeat(Math.ceil(size / stranger.length)));
  if (framing === 'gzip') body = gzipSync(body);
  const isChunked = framing.endsWith('chunks');
  const lines = [
    `POST ${path} HTTP/1.1`,
    'Host: x',
    ...(isChunked ? ['Transfer-Encoding: chunked'] : [`Content-Length: ${body.length}`]),
    ...(framing === 'gzip' ? ['Content-Encoding: gzip'] : []),
    ...(framing.startsWith('expect') ? ['Expect: 100-continue'] : []),
    ...(framing === 'close' ? ['Connection: close'] : []),
  ];
  return {
    what: `${isAnswered ? 'quick' : name} by ${framing}, ${body.length} bytes`,
    head: `${lines.join('\r\n')}\r\n\r\n`,
    body: isChunked ? inChunks(body) : body,
    answer,
    asksFirst: framing.startsWith('expect'),
    isLast: framing === 'close',
  };
}

function inChunks(body: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const piece = body.subarray(at, at + 1 + random.below(20_000));
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'));
    at += piece.length;
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')]);
}

class Client {
  readonly socket: Socket;
  readonly #answers: string[] = [];
  #text = '';
  #continues = 0;
  #hasEnded = false;
  #wake: (() => void)[] = [];

  constructor(port: number) {
    this.socket = connect(port, '127.0.0.1');
    this.socket.setEncoding('latin1');
    this.socket.setNoDelay(true);
    this.socket.on('error', () => {});
    this.socket.on('close', () => this.#end());
    this.socket.on('end', () => this.#end());
    this.socket.on('data', (text: string) => {
      this.#text += text;
      while (this.#takeAnswer());
      this.#stir();
    });
  }

  get answers(): readonly string[] {
    return this.#answers;
  }

  get rest(): string {
    return this.#text;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get continues(): number {
    return this.#continues;
  }

  /** False where that did not come for five seconds. */
  async until(holds: () => boolean): Promise<boolean> {
    const late = Date.now() + 5_000;
    while (!holds()) {
      if (Date.now() > late) return false;
      const stirred = new Promise<void>((resolve) => this.#wake.push(resolve));
      await Promise.race([stirred, delay(100)]);
    }
    return true;
  }

  #takeAnswer(): boolean {
    const end = this.#text.indexOf('\r\n\r\n');
    if (end < 0) return false;
    const head = this.#text.slice(0, end);
    if (head.startsWith('HTTP/1.1 100 ')) {
      this.#continues++;
      this.#text = this.#text.slice(end + 4);
      return true;
    }
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const all = end + 4 + length;
    if (this.#text.length < all) return false;
    this.#answers.push(this.#text.slice(0, all));
    this.#text = this.#text.slice(all);
    return true;
  }

  #end(): void {
    this.#hasEnded = true;
    this.#stir();
  }

  #stir(): void {
    for (const wake of this.#wake.splice(0)) wake();
  }
}

/** What is wrong with how one connection was served. */
async function oneConnection(): Promise<string | undefined> {
  const requests = Array.from({ length: 1 + random.below(6) }, nextRequest);
  // Nothing may follow a request that is said to be the last.
  const last = requests.findIndex(({ isLast }) => isLast);
  if (last >= 0) requests.splice(last + 1);
  const isPipelined = random.below(2) === 0;
  const leavesIn = random.below(8) === 0 ? random.below(requests.length) : -1;
  const client = new Client(serving.port);
  const said = () => requests.map(({ what }) => what).join(' | ') + (isPipelined ? ', pipelined' : '');
  let isImpatient = false;
  try {
    for (const [index, { head, body, asksFirst }] of requests.entries()) {
      if (client.hasEnded || client.answers.some((answer) => /connection: close/i.test(answer))) break;
      let bytes = body;
      if (asksFirst && random.below(4) > 0) {
        const { continues } = client;
        client.socket.write(head);
        const isTold = () => client.continues > continues || client.answers.length > index || client.hasEnded;
        if (!(await client.until(isTold)))
          return `${said()}: ${index} was neither told to go on nor answered`;
        if (client.continues === continues) continue;
      } else {
        isImpatient ||= asksFirst;
        bytes = Buffer.concat([Buffer.from(head), body]);
      }
      if (index === leavesIn) {
        client.socket.write(bytes.subarray(0, random.below(bytes.length)));
        if (random.below(2) === 0) client.socket.end();
        await delay(random.next() * 5);
        client.socket.destroy();
        return undefined;
      }
      while (bytes.length > 0) {
        const piece = bytes.subarray(0, 1 + random.below(random.below(2) === 0 ? 200 : 70_000));
        client.socket.write(piece);
        bytes = bytes.subarray(piece.length);
        if (random.below(3) === 0) await delay(0);
      }
      if (isPipelined) continue;
      const isAnswered = () => client.answers.length > index || client.hasEnded;
      if (!(await client.until(isAnswered))) return `${said()}: ${index} was not answered`;
    }
    const isOver = () => client.answers.length >= requests.length || client.hasEnded;
    if (!(await client.until(isOver))) return `${said()}: ${client.answers.length} answers, and silence`;
    const isClosed = client.answers.some((answer) => /connection: close/i.test(answer));
    if (isClosed && !(await client.until(() => client.hasEnded))) return `${said()}: was not closed`;
    // Time for an answer that nobody asked for.
    if (!isClosed) await delay(5);
    if (client.rest !== '') return `${said()}: ended with ${client.rest}`;
    if (client.answers.length > requests.length) return `${said()}: ${client.answers.length} answers`;
    for (const [index, answer] of client.answers.entries())
      if (!requests[index]!.answer.test(answer)) return `${said()}: ${index} got ${answer}`;
    // Who sends on behind the last answer of a connection may be reset, and lose it.
    const isCutOff = client.answers.length < requests.length && !isClosed && last < 0;
    if (isCutOff && !isImpatient) return `${said()}: closed after ${client.answers.length} answers`;
    return undefined;
  } finally {
    client.socket.destroy();
  }
}

it('answers what follows a refused request, and nothing that is in its body', {
  timeout: (seconds + 60) * 1000,
}, async () => {
  const end = Date.now() + seconds * 1000;
  const problems: string[] = [];
  let begun = 0;
  const next = async (): Promise<void> => {
    while ((begun < connections || Date.now() < end) && problems.length === 0) {
      begun++;
      const problem = await oneConnection();
      if (problem !== undefined) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  expect(problems).toEqual([]);
  // Those that wait without room hold theirs.
  await letGo();
  const budget = [...budgets];
  expect(budget).toHaveLength(1);
  await until(() => budget[0]!.held === 0);
  if (seconds > 0) console.log(begun);
});
