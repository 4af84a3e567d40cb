/**
 * Whether everybody gets the answer to the own question, whatever becomes of those who share runs and memory with it: clients of all
 * protocols at once, some of whom go, have no time or ask twice; models that run here and in threads that end, runs that fail, shadows,
 * answers that are kept. What is logged is compared, too. `FUZZ_SECONDS=600 npx vitest run
 * test/plugins/serving/dataplane/fuzz/own-answers.test.ts` goes on for ten minutes; `FUZZ_SEED` begins elsewhere.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { model, node, tensor, value, writeModel } from '../../../../../libraries/onnx/index.ts';
import { decodeBatch } from '../../../../../libraries/prediction-batch/index.ts';
import { seededRandom } from '../../../../../libraries/statistics/index.ts';
import type { ServedDeployment } from '../../../../../plugins/serving/dataplane/interface/routing-table.ts';
import { startWorker } from '../../../../../plugins/serving/dataplane/run/start-worker.ts';
import { until } from '../../../../fixtures/until.ts';
import { type Serving, startServing, temporaryFolder } from '../fixtures/in-process.ts';
import { type BuiltModel, builtModel, pin } from '../fixtures/models.ts';
import { deployment, table } from '../fixtures/tables.ts';
import { Asker, type Fate, type Question } from './asker.ts';
import { numbersIn, strangeIn } from './own-values.ts';

const seconds = Number(process.env.FUZZ_SECONDS ?? '0');
const random = seededRandom(Number(process.env.FUZZ_SEED ?? '20261130'));
/** Without a time, so many questions. */
const questions = 3_000;
const clients = 120;

const folder = temporaryFolder();
const place = { inbox: join(folder.path, 'inbox'), keyFile: join(folder.path, 'key') };
const workers: Worker[] = [];
let serving: Serving;
let asker: Asker;

/** Answers with what it was given. Where an index is above 3 the run fails, and with it all who share it. */
function echoModel(width: number): BuiltModel {
  const { bytes, signature } = builtModel(
    writeModel(
      model({
        name: 'echo',
        inputs: [value('x', 'FP32', ['N', width]), value('index', 'INT64', ['N', 1])],
        outputs: [value('y', 'FP32', ['N', width]), value('found', 'FP32', ['N', 1])],
        initializers: [tensor('table', 'FP32', [4], [10, 11, 12, 13])],
        nodes: [node('Identity', ['x'], ['y']), node('Gather', ['table', 'index'], ['found'])],
        opsets: { 'ai.onnx': 17 },
      }),
    ),
  );
  const columns = Array.from({ length: width }, (_, at) => `x${at}`);
  const [x, index] = signature.inputs;
  return { bytes, signature: { ...signature, inputs: [{ ...x!, columns }, index!] } };
}

const widths: Readonly<Record<string, number>> = { here: 24, thread: 24, wide: 700, kept: 8, silent: 24 };

beforeAll(async () => {
  mkdirSync(place.inbox);
  writeFileSync(place.keyFile, '5e'.repeat(32));
  serving = await startServing({
    startWorker(data) {
      const worker = startWorker(data);
      if (data.placement === 'worker') workers.push(worker);
      return worker;
    },
  });
  const echo = (width: number, version: string, placement: 'inline' | 'worker') =>
    pin(folder.path, version, echoModel(width), { placement });
  const logging = { sample: 1, redact: [] };
  const shadowed = {
    logging,
    variants: [
      { version: '1.0.0', role: 'stable', weight: 100 },
      { version: '2.0.0', role: 'shadow', weight: 100 },
    ],
  } satisfies Partial<ServedDeployment>;
  const batching = { maxBatchSize: 16, maxDelayMs: 0 };
  await serving.follow({
    ...table(
      deployment('here', [echo(24, '1.0.0', 'inline'), echo(24, '2.0.0', 'worker')], shadowed),
      deployment('thread', [echo(24, '1.0.0', 'worker')], { logging, batching }),
      deployment('wide', [echo(700, '1.0.0', 'inline')], { logging, batching }),
      deployment('kept', [echo(8, '1.0.0', 'inline')], {
        logging,
        cache: { bytes: 1024 * 1024, ttlMs: 50 },
      }),
      deployment('silent', [echo(24, '1.0.0', 'inline')], { batching }),
    ),
    predictionLog: place,
  });
  const grpcPort = await serving.process.listenGrpc({ port: 0, host: '127.0.0.1' });
  asker = new Asker(serving.port, `127.0.0.1:${grpcPort}`, clients);
}, 60_000);

afterAll(() => folder.remove());

const fates: readonly Fate[] = [...new Array<Fate>(14).fill('stays'), 'goes', 'goes', 'hurries', 'hurries'];
const ways = ['json', 'binary', 'rows', 'grpc raw', 'grpc typed'] as const;
let lastNumber = 0;

function nextQuestion(): Question {
  const names = Object.keys(widths);
  const name = names[random.below(names.length)]!;
  const rows = 1 + random.below(3);
  // Few questions of which answers are kept, so that they are asked again.
  const numbers = Array.from({ length: rows }, () => (name === 'kept' ? random.below(40) : ++lastNumber));
  const way = ways[random.below(ways.length)]!;
  return {
    model: name,
    width: widths[name]!,
    numbers,
    indexes: numbers.map((number) => (random.below(60) === 0 ? 4 : number % 4)),
    way,
    fate: fates[random.below(fates.length)]!,
    isTwin: !way.startsWith('grpc') && random.below(20) === 0,
    afterMs: random.next() * 4,
  };
}

/** What is wrong with what was logged; `answered` are the rows of each prediction that a client knows of. */
function wrongInLog(answered: ReadonlyMap<string, readonly number[]>): {
  records: number;
  problems: string[];
} {
  const problems: string[] = [];
  let records = 0;
  const missing = new Set(answered.keys());
  for (const file of readdirSync(place.inbox)) {
    for (const { id, origin, inputs, outputs } of decodeBatch(readFileSync(join(place.inbox, file)))
      .records) {
      records++;
      const width = widths[origin.deployment]!;
      const [x, y, found] = [inputs[0]!, outputs[0]!, outputs[1]!].map(({ data }) => data as Float32Array);
      const numbers = answered.get(id) ?? numbersIn(x!, width);
      if (origin.variant !== 'shadow') missing.delete(id);
      const wrong =
        strangeIn(x!, numbers, width) ??
        strangeIn(y!, numbers, width) ??
        (found!.every((one, at) => one === 10 + (numbers[at]! % 4)) ? undefined : `found ${found}`);
      if (wrong !== undefined) problems.push(`${origin.deployment} ${origin.variant} ${id}: ${wrong}`);
    }
  }
  for (const id of missing) problems.push(`${id} was answered, and is not in the log`);
  return { records, problems };
}

it('answers everybody with what the own question gives, and logs that', {
  timeout: (seconds + 60) * 1000,
}, async () => {
  const end = Date.now() + seconds * 1000;
  const problems: string[] = [];
  let asked = 0;
  const client = async (): Promise<void> => {
    while ((asked < questions || Date.now() < end) && problems.length === 0) {
      asked++;
      // A thread that is told to end does what it has, and loses what comes meanwhile.
      if (asked === questions / 3 || asked === questions / 2) workers.at(-1)!.postMessage({ type: 'close' });
      const problem = await asker.ask(nextQuestion());
      if (problem !== undefined) problems.push(problem);
    }
  };
  await Promise.all(Array.from({ length: clients }, client));
  expect(problems).toEqual([]);
  const { counts } = asker;
  for (const kind of ['answered', 'failed', 'late', 'gone', 'twins'])
    expect(counts[kind], kind).toBeGreaterThan(0);
  await until(() => {
    const { taken, written, dropped } = serving.process.report().metrics.predictionLog!;
    return taken === written + dropped;
  });
  asker.close();
  const log = serving.process.report().metrics.predictionLog!;
  if (seconds > 0) console.log(asked, counts, log, serving.process.report().metrics.workerRestarts);
  await serving.stop();
  expect(log.dropped).toBe(0);
  const { records, problems: wrong } = wrongInLog(asker.logged);
  expect(wrong).toEqual([]);
  expect(records).toBe(log.written);
});
