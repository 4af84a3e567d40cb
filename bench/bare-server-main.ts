/**
 * Bare sockets, or bare sessions of HTTP/2, a thread that runs the model, and nothing between: of a request it knows where it ends. A run
 * waits for all clients that are connected: each asks again as soon as it has its answer.
 */
import { once } from 'node:events';
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { InferenceSession } from 'onnxruntime-node';
import type { BareServerOrder } from './bare-server.ts';
import { tensorMakers } from './sent-tensors.ts';

/** What comes of a connection, whatever it speaks. */
interface Clients {
  connected(): void;
  asked(answer: () => void): void;
  left(): void;
}

if (isMainThread) process.once('message', (order: BareServerOrder) => void serve(order));
else void runForever(workerData as BareServerOrder);

async function serve(order: BareServerOrder): Promise<void> {
  const thread = new Worker(new URL(import.meta.url), { workerData: order });
  await once(thread, 'message');
  const waiting: (() => void)[] = [];
  let running: (() => void)[] = [];
  let connected = 0;
  let doesRun = false;
  process.on('message', () => {
    doesRun = true;
  });
  const begin = (): void => {
    if (running.length > 0 || waiting.length === 0) return;
    if (waiting.length < Math.min(order.requests, connected)) return;
    running = waiting.splice(0, order.requests);
    thread.postMessage('run');
  };
  thread.on('message', () => {
    const answered = running;
    running = [];
    begin();
    for (const answer of answered) answer();
  });
  const clients: Clients = {
    connected: () => {
      connected++;
    },
    asked: (answer) => {
      if (!doesRun) {
        answer();
        return;
      }
      waiting.push(answer);
      begin();
    },
    left: () => {
      connected--;
      begin();
    },
  };
  const server = order.protocol === 'grpc' ? grpcServer(clients) : httpServer(clients);
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.on('disconnect', () => process.exit());
}

function httpServer(clients: Clients): Server {
  const content = Buffer.alloc(128);
  const head = `HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`;
  const answer = Buffer.concat([Buffer.from(head), content]);
  return createServer({ noDelay: true }, (socket) => {
    clients.connected();
    readRequests(socket, () => clients.asked(() => socket.write(answer)));
    socket.on('close', () => clients.left());
  });
}

function grpcServer(clients: Clients): Server {
  const prefixed = Buffer.alloc(5 + 64);
  prefixed.writeUInt32BE(prefixed.length - 5, 1);
  const server = createHttp2Server();
  server.on('session', (session) => {
    clients.connected();
    session.on('close', () => clients.left());
  });
  server.on('stream', (stream) => {
    stream.resume();
    stream.on('error', () => {});
    stream.on('end', () => clients.asked(() => answerCall(stream, prefixed)));
  });
  return server;
}

function answerCall(stream: ServerHttp2Stream, message: Buffer): void {
  if (stream.destroyed) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': 0 }));
  stream.end(message);
}

/** One follows the other, and each is of the same length. */
function readRequests(socket: Socket, onWhole: () => void): void {
  let length = 0;
  let come = 0;
  socket.on('data', (bytes) => {
    if (length === 0) {
      const head = bytes.toString('latin1', 0, bytes.indexOf('\r\n\r\n'));
      length = head.length + 4 + Number(/content-length: (\d+)/i.exec(head)![1]);
    }
    come += bytes.length;
    if (come < length) return;
    come = 0;
    onWhole();
  });
  socket.on('error', () => {});
}

async function runForever({ path, inputs }: BareServerOrder): Promise<void> {
  const session = await InferenceSession.create(path, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const feeds = tensorMakers(inputs);
  parentPort!.on('message', () => void session.run(feeds()).then(() => parentPort!.postMessage('over')));
  await session.run(feeds());
  parentPort!.postMessage('ready');
}
