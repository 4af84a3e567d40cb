/**
 * The load generator: connections that each send a request, read the whole answer and send the next. It speaks HTTP on
 * bare sockets, and gRPC on bare sessions of HTTP/2, so that it costs a fraction of what it measures, and it times in microseconds.
 */
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import type { LoadOrder, LoadResult } from './load-generator.ts';

let latencies: number[] = [];
let failed = 0;
let wrong = 0;
let firstProblem: string | undefined;
let isStopping = false;

process.on('message', (message: LoadOrder | 'stop') => {
  if (message === 'stop') isStopping = true;
  else void run(message);
});

async function run(order: LoadOrder): Promise<void> {
  latencies = [];
  failed = 0;
  wrong = 0;
  firstProblem = undefined;
  isStopping = false;
  const body = Buffer.from(order.body, 'base64');
  const key = typeof order.keys === 'object' ? order.keys.always : keyOf(0);
  const keyed = order.keys === undefined ? {} : { 'idempotency-key': key };
  const headers = { host: '127.0.0.1', ...order.headers, ...keyed, 'content-length': String(body.length) };
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const request = Buffer.concat([Buffer.from(`POST ${order.path} HTTP/1.1\r\n${head.join('')}\r\n`), body]);
  if (order.milliseconds !== undefined) {
    setTimeout(() => {
      isStopping = true;
    }, order.milliseconds);
  }
  const start = performance.now();
  const cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: order.connections }, () => connection(order, request)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  latencies.sort((a, b) => a - b);
  const at = (share: number): number =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  const result: LoadResult = {
    requests: latencies.length,
    seconds,
    cpuMicroseconds: (user + system) / latencies.length,
    failed,
    wrong,
    firstProblem,
    p50: at(0.5),
    p99: at(0.99),
    max: at(1),
  };
  process.send?.(result);
}

async function connection(order: LoadOrder, request: Buffer): Promise<void> {
  const once = order.protocol === 'grpc' ? oneSession : oneSocket;
  while (!isStopping) await once(order, request);
}

/** A connection of HTTP/2 with one call after the other. */
function oneSession(order: LoadOrder): Promise<void> {
  return new Promise((resolve) => {
    const message = Buffer.from(order.body, 'base64');
    const prefix = Buffer.alloc(5);
    prefix.writeUInt32BE(message.length, 1);
    const body = Buffer.concat([prefix, message]);
    const session = connectHttp2(`http://127.0.0.1:${order.port}`);
    const headers = {
      ':method': 'POST',
      ':path': order.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    };
    const call = (): void => {
      if (isStopping) {
        session.close();
        return;
      }
      const sent = performance.now();
      let status: unknown;
      let bytes = 0;
      const stream = session.request(headers);
      const noteStatus = (fields: Record<string, unknown>): void => {
        status = fields['grpc-status'] ?? status;
        if (fields['grpc-message'] !== undefined) firstProblem ??= String(fields['grpc-message']);
      };
      stream.on('response', noteStatus);
      stream.on('trailers', noteStatus);
      stream.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      stream.on('error', (error) => problem(error.message));
      stream.on('close', () => {
        latencies.push(performance.now() - sent);
        if (status !== '0' || bytes === 0) problem(`grpc-status ${String(status)}, ${bytes} bytes`);
        call();
      });
      stream.end(body);
    };
    session.on('connect', call);
    session.on('error', (error) => problem(error.message));
    session.on('close', resolve);
  });
}

function oneSocket(order: LoadOrder, request: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(order.port, '127.0.0.1');
    socket.setNoDelay(true);
    let answer = '';
    let sent = 0;
    let isWaiting = false;
    const send = (): void => {
      if (isStopping) {
        socket.end();
        return;
      }
      answer = '';
      isWaiting = true;
      sent = performance.now();
      socket.write(order.keys === 'new' ? withNewKey(request) : request);
    };
    socket.setEncoding('latin1');
    socket.on('connect', send);
    socket.on('data', (chunk: string) => {
      answer = answer === '' ? chunk : answer + chunk;
      const end = answerEnd(answer);
      if (end === undefined || answer.length < end) return;
      isWaiting = false;
      latencies.push(performance.now() - sent);
      check(answer, order);
      if (/^connection: close/im.test(answer.slice(0, 1000))) socket.end();
      else if (order.pauseMs === undefined) send();
      else setTimeout(send, order.pauseMs * (0.5 + Math.random()));
    });
    socket.on('error', (error) => problem(error.message));
    socket.on('close', () => {
      if (isWaiting) problem('the connection was closed before the answer');
      resolve();
    });
  });
}

let keys = 0;

/** As long as a UUID, and no other generator's. */
function keyOf(number: number): string {
  return `${process.pid}-`.padEnd(20, '0') + String(number).padStart(16, '0');
}

function withNewKey(request: Buffer): Buffer {
  const keyed = Buffer.from(request);
  keyed.write(keyOf(++keys), request.indexOf(keyOf(0)), 'latin1');
  return keyed;
}

function answerEnd(answer: string): number | undefined {
  const headEnd = answer.indexOf('\r\n\r\n');
  if (headEnd < 0) return undefined;
  const length = /content-length: (\d+)/i.exec(answer.slice(0, headEnd));
  return headEnd + 4 + Number(length?.[1] ?? 0);
}

function check(answer: string, order: LoadOrder): void {
  if (!answer.startsWith('HTTP/1.1 200')) {
    problem(answer.slice(0, 400));
    return;
  }
  if (order.expected !== 'version') return;
  const version = /"model_version":"(\d+)\.0\.0"/.exec(answer)?.[1];
  const value = /"data":\[(\d+)[,\]]/.exec(answer)?.[1];
  if (version === undefined || version !== value) {
    wrong++;
    firstProblem ??= answer.slice(0, 800);
  }
}

function problem(text: string): void {
  failed++;
  firstProblem ??= text;
}
