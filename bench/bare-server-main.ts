/**
 * Bare sockets, a thread that runs the model, and nothing between: of a request it knows where it ends. A run waits for all
 * clients that are connected: each asks again as soon as it has its answer.
 */
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { InferenceSession } from 'onnxruntime-node';
import type { BareServerOrder } from './bare-server.ts';
import { tensorMakers } from './sent-tensors.ts';

const content = Buffer.alloc(128);
const answer = Buffer.concat([
  Buffer.from(`HTTP/1.1 200 OK\r\ncontent-length: ${content.length}\r\n\r\n`),
  content,
]);

if (isMainThread) process.once('message', (order: BareServerOrder) => void serve(order));
else void runForever(workerData as BareServerOrder);

async function serve(order: BareServerOrder): Promise<void> {
  const thread = new Worker(new URL(import.meta.url), { workerData: order });
  await once(thread, 'message');
  const waiting: Socket[] = [];
  let running: Socket[] = [];
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
    for (const socket of answered) socket.write(answer);
  });
  const server = createServer({ noDelay: true }, (socket) => {
    connected++;
    readRequests(socket, () => {
      if (!doesRun) {
        socket.write(answer);
        return;
      }
      waiting.push(socket);
      begin();
    });
    socket.on('close', () => {
      connected--;
      begin();
    });
  });
  server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
  process.on('disconnect', () => process.exit());
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
