/**
 * Bodies that are nearly right, over the real port of a real process: each is refused with a reason or answered with what it holds,
 * requests on the same connections get their own answers, and the process stays what it was. `FUZZ_SECONDS=600 npx vitest run
 * test/plugins/serving/dataplane/fuzz` goes on for ten minutes; `FUZZ_SEED` begins elsewhere.
 */
import { Agent } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Random, seededRandom } from '../../../../../libraries/statistics/index.ts';
import { until } from '../../../../fixtures/until.ts';
import { type Child, spawnChildWith } from '../fixtures/child.ts';
import { type Answer, call } from '../fixtures/client.ts';
import { collectedMemory, nodeThatCollects } from '../fixtures/collected-memory.ts';
import { ControlEnd } from '../fixtures/control-end.ts';
import { temporaryFolder } from '../fixtures/in-process.ts';
import { identityModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { type Body, type FuzzedDatatype, mutate, rightBody } from './mutated-body.ts';
import { readAlike } from './right-answer.ts';

const datatypes: readonly FuzzedDatatype[] = ['FP32', 'INT64', 'BYTES', 'BOOL'];
const seconds = Number(process.env.FUZZ_SECONDS ?? '0');
const seed = Number(process.env.FUZZ_SEED ?? '20261129');
/** Without a time, so many rounds, and as many again. */
const rounds = 60;
const atOnce = 24;
/** Whoever holds on to a request has its body, what was read of it and its answer: more than a kibibyte of each. */
const mostGrown = rounds * atOnce * 1024;

const folder = temporaryFolder();
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
let control: ControlEnd;
let child: Child;

beforeAll(async () => {
  const path = join(folder.path, 'control.sock');
  control = await ControlEnd.listen(path);
  child = await spawnChildWith(nodeThatCollects(folder.path), '--control', path, '--log-requests', 'none');
  await until(() => control.isConnected);
  const deployments = datatypes.map((datatype) =>
    deployment(datatype.toLowerCase(), [pin(folder.path, '1.0.0', identityModel(datatype))]),
  );
  control.publish(table(...deployments));
  await until(() => Object.keys(control.report?.routes ?? {}).length === datatypes.length);
});

afterAll(async () => {
  agent.destroy();
  child.process.kill('SIGKILL');
  await child.ended;
  await control.close();
  folder.remove();
});

function send(datatype: FuzzedDatatype, { bytes, jsonLength }: Body): Promise<Answer> {
  return call(child.port, `/v2/models/${datatype.toLowerCase()}/infer`, {
    agent,
    headers: {
      'content-type': jsonLength === undefined ? 'application/json' : 'application/octet-stream',
      ...(jsonLength === undefined ? {} : { 'inference-header-content-length': jsonLength }),
    },
    body: bytes,
  });
}

/** What went wrong, if anything did. */
async function judge(datatype: FuzzedDatatype, body: Body, isRight: boolean): Promise<string | undefined> {
  const answer = await send(datatype, body);
  if (answer.status >= 400 && answer.status < 500) {
    const { error, code } = answer.body;
    if (typeof error !== 'string' || typeof code !== 'string') return 'an error without a reason';
    return isRight ? `refused what is right: ${error}` : undefined;
  }
  if (answer.status !== 200) return `status ${answer.status}: ${answer.bytes.toString()}`;
  let read: ReturnType<typeof readAlike>;
  try {
    read = readAlike(body, datatype);
  } catch (error) {
    return `answered what cannot be read (${String(error)}): ${answer.bytes.toString()}`;
  }
  const { id, outputs } = answer.body;
  if (id !== read.id) return `the id ${String(id)} instead of ${String(read.id)}`;
  for (const output of outputs ?? []) {
    // Asked for in binary: bytes are compared by the tests of the extension.
    if (output.data === undefined) continue;
    const [got, wanted] = [output.data.flat(20), read.elements].map((list) => JSON.stringify(list));
    if (got !== wanted) return `${got} instead of ${wanted}`;
  }
  return undefined;
}

async function oneRound(round: number, random: Random): Promise<void> {
  const asked = Array.from({ length: atOnce }, (_, index) => {
    const datatype = datatypes[random.below(datatypes.length)]!;
    const right = rightBody(datatype, `request ${round}.${index}`, 1 + random.below(3), random);
    const isRight = random.below(3) === 0;
    return { datatype, isRight, body: isRight ? right : mutate(right, random) };
  });
  const problems = await Promise.all(
    asked.map(({ datatype, body, isRight }) => judge(datatype, body, isRight)),
  );
  for (const [index, problem] of problems.entries()) {
    const { datatype, body } = asked[index]!;
    const shown = `${datatype}, Inference-Header-Content-Length ${body.jsonLength}: ${JSON.stringify(body.bytes.toString('latin1'))}`;
    expect(problem, `round ${round} of seed ${seed}: ${shown}`).toBeUndefined();
  }
}

it('refuses a body or answers with what it holds, whatever it was turned into', {
  timeout: (seconds + 60) * 1000,
}, async () => {
  const random = seededRandom(seed);
  const end = Date.now() + seconds * 1000;
  const resident: number[] = [];
  // A process that is new grows: its code is compiled and its pools fill.
  for (let round = 0; round < rounds; round++) await oneRound(round, random);
  const before = await collectedMemory(child);
  for (let round = rounds; round < 2 * rounds || Date.now() < end; round++) {
    await oneRound(round, random);
    resident.push(control.report!.metrics.rssBytes);
  }
  expect((await call(child.port, '/v2/health/ready')).status).toBe(200);
  expect(child.process.exitCode).toBeNull();
  if (seconds < 10) {
    const grown = (await collectedMemory(child)) - before;
    expect(grown, 'bytes that the process holds more after as many bodies again').toBeLessThan(mostGrown);
    return;
  }
  // What is not JavaScript's is seen in the long run alone.
  const most = Math.max(...resident.slice(0, Math.ceil(resident.length / 2)));
  expect(resident.at(-1)! / most, 'memory of the process at the end against its first half').toBeLessThan(
    1.25,
  );
});
