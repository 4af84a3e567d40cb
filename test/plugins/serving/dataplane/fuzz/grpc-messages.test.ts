/**
 * Messages that are nearly right, of every method, over the real gRPC port of a real process: each is refused with a reason or answered
 * with what it holds, right ones on the same connections get their own answers, and the process stays what it was. `FUZZ_SECONDS=600 npx
 * vitest run test/plugins/serving/dataplane/fuzz` goes on for ten minutes; `FUZZ_SEED` begins elsewhere.
 */
import type { ClientHttp2Session } from 'node:http2';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seededRandom } from '../../../../../libraries/statistics/index.ts';
import { ask, GrpcProcess, type Outcome } from './grpc-process.ts';
import { inferPath, mutateQuestion, type Question, rightInference, rightQuestion } from './grpc-question.ts';
import { wrongIn } from './grpc-right-answer.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? '0');
const seed = Number(process.env.FUZZ_SEED ?? '20261');
/** Without a time, so many rounds. */
const rounds = 30;
const atOnce = 40;

let server: GrpcProcess;
let sessions: readonly ClientHttp2Session[];

beforeAll(async () => {
  server = await GrpcProcess.start();
  sessions = Array.from({ length: 4 }, () => server.open());
});

afterAll(async () => {
  for (const session of sessions) session.destroy();
  await server.stop();
});

/** What a message may be refused with. A time and a priority may stand in one. */
const refusals = /^(INVALID_ARGUMENT|NOT_FOUND|RESOURCE_EXHAUSTED|UNIMPLEMENTED|DEADLINE_EXCEEDED)$/;

function judge({ path, message }: Question, outcome: Outcome, isRight: boolean): string | undefined {
  if (outcome.status === 'OK') {
    if (path.startsWith('/grpc.reflection.')) return undefined;
    if (message === undefined) return 'answered what is no message';
    if (path !== inferPath) return undefined;
    try {
      return wrongIn(message, outcome.message ?? Buffer.alloc(0));
    } catch (error) {
      return `answered what cannot be read: ${String(error)}`;
    }
  }
  const said = `${outcome.status}: ${outcome.details}`;
  if (isRight) return `refused what is right: ${said}`;
  if (!refusals.test(outcome.status)) return said;
  return outcome.details === '' ? 'an error without a reason' : undefined;
}

it('refuses a call or answers it with what it holds, whatever it was turned into', {
  timeout: (seconds + 120) * 1000,
}, async () => {
  const random = seededRandom(seed);
  const end = Date.now() + seconds * 1000;
  const memory: number[] = [];
  const statuses = new Map<string, number>();
  for (let round = 0; round < rounds || Date.now() < end; round++) {
    const asked = Array.from({ length: atOnce }, (_, index) => {
      const id = `call ${round}.${index}`;
      const isRight = random.below(4) === 0;
      const right = isRight && random.below(2) === 0 ? rightInference(id, random) : rightQuestion(id, random);
      const sent = isRight ? right : mutateQuestion(right, rightQuestion(id, random), random);
      return { isRight, sent };
    });
    const outcomes = await Promise.all(
      asked.map(({ sent }, index) => ask(sessions[index % sessions.length]!, sent)),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const { sent, isRight } = asked[index]!;
      const shown = `${sent.path} ${JSON.stringify(sent.headers)} ${sent.bytes.toString('base64')}`;
      expect(judge(sent, outcome, isRight), `round ${round} of seed ${seed}: ${shown}`).toBeUndefined();
      if (!isRight) statuses.set(outcome.status, (statuses.get(outcome.status) ?? 0) + 1);
    }
    memory.push(server.residentMebibytes);
  }
  expect(await server.problem()).toBeUndefined();
  // What is turned into something else comes to both ends.
  for (const status of ['OK', 'INVALID_ARGUMENT', 'NOT_FOUND'])
    expect(statuses.get(status) ?? 0, status).toBeGreaterThan(5);
  if (seconds > 0) console.log(memory.length, statuses);
  // A process that is new grows: its code is compiled and its pools fill.
  if (seconds < 10) return;
  const most = Math.max(...memory.slice(0, Math.ceil(memory.length / 2)));
  expect(memory.at(-1)! / most, 'memory of the process at the end against its first half').toBeLessThan(1.25);
});
