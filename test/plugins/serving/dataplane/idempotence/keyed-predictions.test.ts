/** Two inference processes that share a control process: a request that is sent again may reach either. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packageFile } from '../../../../../libraries/package-files/index.ts';
import { Claims, type KeptAnswer } from '../../../../../plugins/serving/dataplane/interface/claims.ts';
import { until } from '../../../../fixtures/until.ts';
import { ServingWorld } from '../../world.ts';
import { call, row } from '../fixtures/client.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { identityModel, linearModel, lookupModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';

describe('claims', () => {
  const answer: KeptAnswer = { status: 200, headers: [], text: 'x'.repeat(1000) };
  let now = 0;
  const open = (more = {}) => new Claims({ windowMs: 100, keys: 3, bytes: 100_000, ...more }, () => now);

  it('give a key to the first who asks, and its answer to all others', () => {
    const claims = open();
    expect(claims.claim('a', 'same', 1)).toEqual({ state: 'yours' });
    expect(claims.claim('a', 'same', 2)).toEqual({ state: 'underway' });
    expect(claims.claim('a', 'another', 2)).toEqual({ state: 'other' });
    claims.settle('a', 2, answer);
    expect(claims.claim('a', 'same', 2)).toEqual({ state: 'underway' });
    claims.settle('a', 1, answer);
    expect(claims.claim('a', 'same', 2)).toEqual({ state: 'answered', answer });
  });

  it('let go of a key without an answer, and of those of whoever is gone', () => {
    const claims = open();
    claims.claim('a', 'same', 1);
    claims.settle('a', 1, undefined);
    expect(claims.claim('a', 'another', 1)).toEqual({ state: 'yours' });
    claims.claim('b', 'same', 1);
    claims.settle('b', 1, answer);
    claims.gone(1);
    expect(claims.claim('a', 'same', 2)).toEqual({ state: 'yours' });
    expect(claims.claim('b', 'same', 2)).toEqual({ state: 'answered', answer });
  });

  it('end with their window, and make room for newer ones', () => {
    const claims = open();
    for (const key of ['a', 'b', 'c', 'd']) claims.claim(key, 'same', 1);
    claims.claim('e', 'same', 1);
    expect(claims.claim('d', 'same', 2)).toEqual({ state: 'underway' });
    expect(claims.claim('a', 'same', 2)).toEqual({ state: 'yours' });
    now += 101;
    expect(claims.claim('d', 'same', 2)).toEqual({ state: 'yours' });
    const small = open({ bytes: 2_000 });
    for (const key of ['a', 'b']) {
      small.claim(key, 'same', 1);
      small.settle(key, 1, answer);
    }
    expect(small.claim('b', 'same', 2)).toEqual({ state: 'answered', answer });
    expect(small.claim('a', 'same', 2)).toEqual({ state: 'yours' });
  });
});

describe('a prediction with a key', () => {
  const folder = temporaryFolder();
  const world = new ServingWorld();
  let first: Serving;
  let second: Serving;

  beforeAll(async () => {
    await world.start();
    const keyFile = join(folder.path, 'key');
    writeFileSync(keyFile, 'ab'.repeat(32));
    const logging = { sample: 1, redact: [] };
    const served = {
      ...table(
        deployment(
          'linear',
          [pin(folder.path, '1.0.0', linearModel(2, 1)), pin(folder.path, '1.1.0', linearModel(2, 1))],
          {
            logging,
            variants: [
              { version: '1.0.0', role: 'stable', weight: 100 },
              { version: '1.1.0', role: 'shadow', weight: 100 },
            ],
          },
        ),
        deployment('slow', [pin(folder.path, '1.0.0', linearModel(2, 1))], {
          batching: { maxBatchSize: 8, maxDelayMs: 300 },
        }),
        deployment('lookup', [pin(folder.path, '1.0.0', lookupModel())]),
        deployment('bird-strike', [pin(folder.path, '1.0.0', linearModel(3, 0))]),
        deployment('large', [pin(folder.path, '1.0.0', identityModel('FP32', ['N', 1]))]),
      ),
      predictionLog: { inbox: join(folder.path, 'inbox'), keyFile },
    };
    [first, second] = await Promise.all([start('0'), start('1')]);
    for (const serving of [first, second]) await serving.follow(served);
  });

  afterAll(async () => {
    await Promise.all([first.stop(), second.stop()]);
    await world.close();
    folder.remove();
  });

  function start(id: string): Promise<Serving> {
    return startServing({ id, controlPath: world.paths.socket });
  }

  const ask = ({ port }: Serving, key: string, body: unknown = row(20), model = 'linear') =>
    call(port, `/v2/models/${model}/infer`, {
      headers: { 'idempotency-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const countsOf = (version: string) =>
    [first, second].map(({ process }) => {
      const found = process
        .report()
        .metrics.versions.find((one) => one.deployment === 'linear' && one.version === version);
      return found?.requests[200] ?? 0;
    });
  const taken = () =>
    [first, second].map(({ process }) => process.report().metrics.predictionLog?.taken ?? 0);
  const sum = (counts: readonly number[]) => counts.reduce((total, count) => total + count, 0);

  it('is answered, counted, logged and mirrored once, whichever process it reaches again', async () => {
    const answers = [await ask(first, 'a'), await ask(first, 'a'), await ask(second, '"a"')];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ bytes }) => bytes.toString())).size).toBe(1);
    expect(answers[0]?.body.outputs?.[0]?.data).toEqual([41]);
    expect(new Set(answers.map(({ headers }) => headers['switchyard-prediction-id'])).size).toBe(1);
    expect(answers.map(({ headers }) => headers['idempotent-replayed'])).toEqual([undefined, 'true', 'true']);
    await until(() => sum(countsOf('1.1.0')) > 0);
    expect([sum(countsOf('1.0.0')), sum(countsOf('1.1.0'))]).toEqual([1, 1]);
    // The shadow's is logged, too.
    await until(() => sum(taken()) >= 2);
    await ask(second, 'a');
    expect(sum(taken())).toBe(2);
    expect(first.process.report().metrics.keyed).toEqual({ first: 1, replayed: 1 });
    const counted = /switchyard_idempotent_requests_total\{result="first",process="0"\} 1/;
    await until(async () => counted.test(await world.metrics()));
  });

  it('is answered to all who send it again at once to a process that has not seen it', async () => {
    const { headers } = await ask(first, 'many');
    const answers = await Promise.all(Array.from({ length: 8 }, () => ask(second, 'many')));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    const ids = new Set(answers.map((answer) => answer.headers['switchyard-prediction-id']));
    expect([...ids]).toEqual([headers['switchyard-prediction-id']]);
  });

  it('is another one with another key, or for another deployment', async () => {
    const before = sum(countsOf('1.0.0'));
    const [one, other] = [await ask(first, 'b'), await ask(first, 'c')];
    expect(one?.headers['switchyard-prediction-id']).not.toBe(other?.headers['switchyard-prediction-id']);
    expect((await ask(first, 'b', row(20), 'bird-strike')).body.outputs?.[0]?.data).toEqual([60]);
    expect(sum(countsOf('1.0.0'))).toBe(before + 2);
  });

  it('is refused where the key stands for another', async () => {
    await ask(first, 'd', row(1));
    for (const serving of [first, second]) {
      const answer = await ask(serving, 'd', row(2));
      expect([answer.status, answer.body.code]).toEqual([422, 'IdempotencyKeyReused']);
    }
    for (const key of ['', 'x'.repeat(256)]) expect((await ask(first, key)).body.code).toBe('InvalidRequest');
  });

  it('is told to come again while it is answered, wherever it comes', async () => {
    const running = ask(first, 'e', row(1), 'slow');
    await until(async () => (await ask(second, 'e', row(1), 'slow')).status === 409);
    const again = await ask(first, 'e', row(1), 'slow');
    expect([again.status, again.body.code]).toEqual([409, 'IdempotentRequestUnderWay']);
    expect(again.headers['retry-after']).toBe('1');
    const { headers } = await running;
    const replayed = await ask(second, 'e', row(1), 'slow');
    expect(replayed.headers['switchyard-prediction-id']).toBe(headers['switchyard-prediction-id']);
  });

  it('is answered anew after an error', async () => {
    const outside = { inputs: [{ name: 'index', datatype: 'INT64', shape: [1], data: [99] }] };
    const ids = [];
    for (const serving of [first, second, first]) {
      const { status, headers } = await ask(serving, 'f', outside, 'lookup');
      expect([status, headers['idempotent-replayed']]).toEqual([500, undefined]);
      ids.push(headers['switchyard-prediction-id']);
    }
    expect(new Set(ids).size).toBe(3);
  });

  it('comes back in binary as it went', async () => {
    const body = JSON.stringify({ ...(row(20) as object), parameters: { binary_data_output: true } });
    const send = ({ port }: Serving) =>
      call(port, '/v2/models/linear/infer', { headers: { 'idempotency-key': 'g' }, body });
    const [one, other] = [await send(first), await send(second)];
    expect(other.headers['idempotent-replayed']).toBe('true');
    expect(other.bytes).toEqual(one.bytes);
    expect(other.headers['inference-header-content-length']).toBe(
      one.headers['inference-header-content-length'],
    );
  });

  it('says where an answer is too large to be kept', async () => {
    const data = new Array(60_000).fill(0.125);
    const large = { inputs: [{ name: 'x', datatype: 'FP32', shape: [data.length, 1], data }] };
    const answers = [await ask(first, 'h', large, 'large'), await ask(first, 'h', large, 'large')];
    expect(answers.map(({ headers }) => headers['switchyard-idempotency'])).toEqual(['not-kept', 'not-kept']);
    expect(answers[1]?.headers['idempotent-replayed']).toBeUndefined();
  });

  it('is as its page says', async () => {
    const page = readFileSync(packageFile('docs/inference.md'), 'utf8');
    const example = page.match(/```js idempotent\n([\s\S]*?)```/)?.[1] ?? '';
    const run = new Function('url', 'request', `return (async () => { ${example} })()`);
    expect(await run(`http://127.0.0.1:${first.port}`, row(1))).toEqual([true, 'true']);
  });

  it('is known to the process that answered it while control is away', async () => {
    await world.stop();
    const [one, again] = [await ask(first, 'i'), await ask(first, 'i')];
    expect(again.headers['switchyard-prediction-id']).toBe(one.headers['switchyard-prediction-id']);
    await world.start();
  });
});
