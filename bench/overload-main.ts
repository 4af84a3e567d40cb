/**
 * The load generator for a server that is asked more than it can do: requests are sent when they are due, whether others were answered or
 * not, each on a connection of its own from a pool. Latency counts from when a request was due.
 */
import { connect, type Socket } from 'node:net';
import type { OpenLoad, OpenLoadResult } from './overload.ts';

interface Connection {
  readonly socket: Socket;
  due: number;
  answer: string;
}

const idle: Connection[] = [];
const answered: number[] = [];
const refused: number[] = [];
const sentLate: number[] = [];
let [offered, timedOut, failed, inTime, open] = [0, 0, 0, 0, 0];

process.once('message', (order: OpenLoad) => void run(order));

async function run(order: OpenLoad): Promise<void> {
  const body = Buffer.from(order.body, 'base64');
  const head = `POST ${order.path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\nswitchyard-timeout: ${order.deadlineMs}ms\r\ncontent-length: ${body.length}\r\n\r\n`;
  const request = Buffer.concat([Buffer.from(head), body]);
  const start = performance.now();
  const cpu = process.cpuUsage();
  const total = Math.round((order.perSecond * order.milliseconds) / 1000);
  while (offered < total) {
    const due = Math.min(total, Math.floor(((performance.now() - start) * order.perSecond) / 1000));
    while (offered < due) {
      send(order, request, start + (offered * 1000) / order.perSecond);
      offered++;
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  const end = performance.now() + 5_000;
  while (open > 0 && performance.now() < end) await new Promise((resolve) => setTimeout(resolve, 10));
  const result: OpenLoadResult = {
    ...{ offered, answered: answered.length, refused: refused.length, timedOut, inTime },
    failed: failed + open,
    sentLateP99: percentile(sentLate),
    processorShare: processorShare(cpu, performance.now() - start),
    answeredP99: percentile(answered),
    refusedP99: percentile(refused),
  };
  process.send!(result, () => process.exit());
}

function send(order: OpenLoad, request: Buffer, due: number): void {
  const connection = idle.pop() ?? opened(order);
  connection.due = due;
  connection.answer = '';
  sentLate.push(performance.now() - due);
  open++;
  connection.socket.write(request);
}

function opened(order: OpenLoad): Connection {
  const socket = connect(order.port, '127.0.0.1');
  const connection: Connection = { socket, due: 0, answer: '' };
  socket.setNoDelay(true);
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    connection.answer += chunk;
    const { answer } = connection;
    const headEnd = answer.indexOf('\r\n\r\n');
    const length = /content-length: (\d+)/i.exec(answer)?.[1];
    if (headEnd < 0 || answer.length < headEnd + 4 + Number(length ?? 0)) return;
    open--;
    count(answer.slice(9, 12), performance.now() - connection.due, order.deadlineMs);
    idle.push(connection);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    failed++;
  });
  return connection;
}

function count(status: string, milliseconds: number, deadlineMs: number): void {
  if (status === '200') {
    answered.push(milliseconds);
    if (milliseconds <= deadlineMs) inTime++;
  } else if (status === '429') refused.push(milliseconds);
  else if (status === '504') timedOut++;
  else failed++;
}

function processorShare(since: NodeJS.CpuUsage, milliseconds: number): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000 / milliseconds;
}

function percentile(values: number[]): number {
  values.sort((a, b) => a - b);
  return values[Math.min(values.length - 1, Math.floor(values.length * 0.99))] ?? 0;
}
