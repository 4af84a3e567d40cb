/** Long work of one inference process: does its memory stay where it is over a thousand reloads and an hour's worth of requests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodings, type GridModel, gridModels, requestOf } from './grid-models.ts';
import { runLoad, startLoad } from './load-generator.ts';
import { median } from './median.ts';
import { deploymentOf, image, writeVersion } from './models.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { answersIn, ServingProcess } from './serving-process.ts';

export const soak: Bench = {
  name: 'soak',
  description: 'memory over 1,000 reloads and 3,600,000 requests [--reloads N] [--requests N]',
  run,
};

/** A thousand a second for an hour. */
const usual = { reloads: 1_000, requests: 3_600_000 };
const quick = { reloads: 20, requests: 50_000 };
const points = 20;

/** Bytes of resident memory, after each part of the work. */
interface Series {
  readonly what: string;
  readonly amount: number;
  readonly seconds: number;
  readonly memory: readonly number[];
  readonly failed: number;
  readonly wrong: number;
}

async function run(options: BenchOptions): Promise<BenchReport> {
  const amounts = options.quick ? quick : usual;
  const reloads = options.reloads ?? amounts.reloads;
  const requests = options.requests ?? amounts.requests;
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    return report([
      await soakReloads(reloads, folder, options),
      await soakRequests(requests, folder, options),
    ]);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Three versions in turns under a light load; every answer must be that of the version that it names. */
async function soakReloads(reloads: number, folder: string, options: BenchOptions): Promise<Series> {
  const versions = [1, 2, 3].map((version) => writeVersion(folder, image, version));
  const serving = await ServingProcess.start(folder);
  try {
    let generation = 1;
    await serving.route(deploymentOf([versions[0]!], 32, generation));
    const inputs = [
      { name: 'x', datatype: 'FP32', shape: [1, image.inputs], data: new Array(image.inputs).fill(0) },
    ];
    const load = await startLoad({
      port: serving.port,
      path: '/v2/models/bench/infer',
      headers: { 'content-type': 'application/json' },
      body: Buffer.from(JSON.stringify({ inputs })).toString('base64'),
      connections: 8,
      pauseMs: 20,
      expected: 'version',
    });
    const memory: number[] = [];
    const begin = performance.now();
    for (let reload = 1; reload <= reloads; reload++) {
      generation++;
      await serving.route(deploymentOf([versions[generation % versions.length]!], 32, generation));
      if (reload % Math.ceil(reloads / points) !== 0) continue;
      memory.push((await serving.until(() => true)).metrics.rssBytes);
      options.progress(`${reload} of ${reloads} reloads, ${mebibytes(memory.at(-1)!)} MiB`);
    }
    const seconds = (performance.now() - begin) / 1000;
    const { failed, wrong, firstProblem } = await load.finish();
    if (firstProblem !== undefined) options.progress(`the first problem: ${firstProblem}`);
    return { what: 'reloads', amount: reloads, seconds, memory, failed, wrong };
  } finally {
    await serving.stop();
  }
}

/** Requests in every encoding, among them wrong ones and connections that are given up in the middle. */
async function soakRequests(requests: number, folder: string, options: BenchOptions): Promise<Series> {
  const model = (await gridModels(folder)).find(({ name }) => name.startsWith('image'))!;
  const serving = await ServingProcess.start(folder, ['--grpc-port', '0', '--log-requests', 'none']);
  try {
    await serving.route(deploymentOf([model.version], 32, 1));
    const memory: number[] = [];
    const begin = performance.now();
    let failed = 0;
    let part = 0;
    let answered = 0;
    while (answered < requests) {
      failed += await mixedLoad(serving, model);
      const report = await serving.until(() => true);
      answered = answersIn(report);
      if (answered < (requests / points) * (part + 1)) continue;
      part++;
      memory.push(report.metrics.rssBytes);
      options.progress(`${answered} of ${requests} requests, ${mebibytes(memory.at(-1)!)} MiB`);
    }
    const seconds = (performance.now() - begin) / 1000;
    return { what: 'requests', amount: answered, seconds, memory, failed, wrong: 0 };
  } finally {
    await serving.stop();
  }
}

const partMilliseconds = 2_000;

async function mixedLoad(serving: ServingProcess, model: GridModel): Promise<number> {
  const loads = encodings.map((encoding) =>
    runLoad({
      ...requestOf(model, encoding),
      port: encoding === 'grpc' ? serving.grpcPort! : serving.port,
      connections: 8,
      milliseconds: partMilliseconds,
    }),
  );
  const disturbing = disturb(serving.port, model);
  let failed = 0;
  for (const load of loads) failed += (await load).failed;
  await disturbing;
  return failed;
}

/** A request of a wrong shape, one that is no JSON, one for a model that is not there, and one that ends in the middle. */
async function disturb(port: number, model: GridModel): Promise<void> {
  const url = `http://127.0.0.1:${port}/v2/models`;
  const headers = { 'content-type': 'application/json' };
  const { body, path } = requestOf(model, 'json');
  const bytes = Buffer.from(body, 'base64');
  const end = Date.now() + partMilliseconds;
  while (Date.now() < end) {
    const wrongShape = bytes.toString().replace('"shape":[1,', '"shape":[2,');
    for (const [place, text] of [
      ['bench', wrongShape],
      ['bench', bytes.subarray(0, 100).toString()],
      ['nobody', '{}'],
    ] as const) {
      const answer = await fetch(`${url}/${place}/infer`, { method: 'POST', headers, body: text });
      await answer.arrayBuffer();
      if (answer.status !== 400 && answer.status !== 404)
        throw new Error(`a wrong request got ${answer.status}`);
    }
    await giveUp(
      port,
      `POST ${path} HTTP/1.1\r\nhost: x\r\ncontent-length: ${bytes.length}\r\n\r\n${bytes.subarray(0, 50)}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function giveUp(port: number, text: string): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => {});
    socket.on('close', () => resolve());
    socket.write(text, () => socket.destroy());
  });
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function report(series: readonly Series[]): BenchReport {
  const part = (memory: readonly number[], from: number, to: number): number =>
    median(memory.slice(Math.floor(memory.length * from), Math.ceil(memory.length * to)));
  const numbers: Record<string, number> = {};
  const targets: BenchReport['targets'][number][] = [];
  for (const { what, amount, memory, failed, wrong } of series) {
    const growth = part(memory, 0.8, 1) / part(memory, 0.2, 0.6);
    numbers[`${what}.amount`] = amount;
    numbers[`${what}.failed`] = failed;
    numbers[`${what}.wrong`] = wrong;
    numbers[`${what}.growth`] = growth;
    for (const [index, bytes] of memory.entries()) numbers[`${what}.memory.${index}`] = bytes;
    targets.push(
      {
        name: `${amount} ${what}: memory of the last fifth against the second and third`,
        limit: '<= 1.1x',
        measured: `${round(growth)}x`,
        pass: growth <= 1.1,
      },
      {
        name: `${amount} ${what}: failed or wrong answers`,
        limit: '0',
        measured: String(failed + wrong),
        pass: failed + wrong === 0,
      },
    );
  }
  return {
    tables: [
      {
        title: 'Resident memory of the process, MiB',
        columns: ['what', 'amount', 'seconds', 'at first', '20-60 %', '80-100 %', 'most', 'failed', 'wrong'],
        rows: series.map(({ what, amount, seconds, memory, failed, wrong }) => [
          what,
          amount,
          Math.round(seconds),
          mebibytes(memory[0]!),
          mebibytes(part(memory, 0.2, 0.6)),
          mebibytes(part(memory, 0.8, 1)),
          mebibytes(Math.max(...memory)),
          failed,
          wrong,
        ]),
      },
    ],
    numbers,
    targets,
  };
}
