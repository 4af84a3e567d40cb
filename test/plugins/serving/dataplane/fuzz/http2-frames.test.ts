/**
 * Frames of HTTP/2 as no library sends them, over sockets: whatever comes on a connection costs that connection alone. Those of others are
 * answered, and the memory of the process is bounded. `FUZZ_SECONDS=600 npx vitest run test/plugins/serving/dataplane/fuzz` goes on for
 * ten minutes; `FUZZ_SEED` begins elsewhere.
 */
import type { ClientHttp2Session } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../../../libraries/statistics/index.ts';
import { until } from '../../../../fixtures/until.ts';
import { ask, GrpcProcess } from './grpc-process.ts';
import { rightInference } from './grpc-question.ts';
import { wrongIn } from './grpc-right-answer.ts';
import { attacks, frame } from './http2-attacks.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? '0');
const seed = Number(process.env.FUZZ_SEED ?? '20262');
/** Without a time, each of them so often. */
const turns = 1;
/** What all of them together may cost above what the process has at rest. */
const mostMebibytes = 300;

let server: GrpcProcess;
let session: ClientHttp2Session;

beforeAll(async () => {
  server = await GrpcProcess.start();
  session = server.open();
});

afterAll(async () => {
  session.destroy();
  await server.stop();
});

/** A call of somebody else is answered right, however long it takes; where what is asked beside it fills the queue, once it asks again. */
async function othersAreAnswered(random: Random): Promise<string | undefined> {
  const right = rightInference(`another ${random.word()}`, random);
  let outcome = await ask(session, right);
  const isPutOff = () => /^model%20.*(would%20answer|requests%20waiting)/.test(outcome.details);
  await until(
    async () => {
      if (isPutOff()) outcome = await ask(session, right);
      return !isPutOff();
    },
    { deadlineMs: 120_000 },
  );
  const { status, details, message } = outcome;
  return status === 'OK' ? wrongIn(right.message!, message!) : `${status} ${details}`;
}

/** Sends it all, and is read until the server has closed the connection, or has answered a ping behind it. */
async function attack(bytes: Buffer, random: Random): Promise<Socket> {
  const socket = connect(server.child.grpcPort!, '127.0.0.1');
  const signature = Buffer.from(Array.from({ length: 8 }, () => random.below(256)));
  let hasEnded = false;
  let came = Buffer.alloc(0);
  const end = (): void => {
    hasEnded = true;
  };
  socket.on('error', end);
  socket.on('end', end);
  socket.on('close', end);
  socket.on('data', (piece: Buffer) => {
    came = Buffer.concat([came.subarray(-7), piece]);
    if (came.includes(signature)) end();
  });
  const isWhole = random.below(2) === 0;
  for (let rest = bytes; rest.length > 0 && !hasEnded; ) {
    const piece = rest.subarray(0, isWhole ? undefined : 1 + random.below(100_000));
    rest = rest.subarray(piece.length);
    await new Promise<void>((resolve) => {
      socket.write(piece, () => resolve());
    });
  }
  if (!hasEnded) socket.write(frame('ping', 0, 0, signature));
  // What is no HTTP/2, and what ends within a frame, has no ping behind it.
  await until(() => hasEnded, { deadlineMs: 1_000 }).catch(() => {});
  return socket;
}

it('whatever comes on a connection costs that connection alone', {
  timeout: (seconds + 300) * 1000,
}, async () => {
  const random = seededRandom(seed);
  const end = Date.now() + seconds * 1000;
  const names = Object.keys(attacks);
  for (let turn = 0; turn < 3; turn++) expect(await othersAreAnswered(random)).toBeUndefined();
  const before = server.residentMebibytes;
  const memory: number[] = [];
  for (let turn = 0; turn < turns * names.length || Date.now() < end; turn++) {
    const name = names[turn < names.length ? turn : random.below(names.length)]!;
    const sockets = Promise.all(
      Array.from({ length: 1 + random.below(3) }, () => attack(attacks[name]!(random), random)),
    );
    const at = `turn ${turn} of seed ${seed}: ${name}`;
    expect(await othersAreAnswered(random), at).toBeUndefined();
    const opened = await sockets;
    expect(await othersAreAnswered(random), at).toBeUndefined();
    expect(await server.problem(), at).toBeUndefined();
    for (const socket of opened) socket.destroy();
    memory.push(server.residentMebibytes);
    expect(server.mostMebibytes - before, at).toBeLessThan(mostMebibytes);
  }
  if (seconds > 0) console.log(memory.length, before, server.mostMebibytes);
  if (seconds < 30) return;
  const most = Math.max(...memory.slice(0, Math.ceil(memory.length / 2)));
  expect(memory.at(-1)! / most, 'memory of the process at the end against its first half').toBeLessThan(1.25);
});
