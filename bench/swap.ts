/** A hundred swaps under load: is a request lost, does a wrong version answer, how much slower is it, does memory grow. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadResult, runLoad, startLoad } from './load-generator.ts';
import { median } from './median.ts';
import { deploymentOf, image, large, type ModelSize, writeVersion } from './models.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { ServingProcess } from './serving-process.ts';

export const swap: Bench = {
  name: 'swap',
  description:
    'a hundred swaps of a model under load: failed requests, wrong versions, latency, memory [--only image|large]',
  run,
};

interface Measured {
  readonly size: ModelSize;
  readonly swaps: number;
  readonly connections: number;
  /** Steady and swapping take turns: so many swaps each. */
  readonly steady: readonly LoadResult[];
  readonly swapping: readonly LoadResult[];
  readonly secondsPerSwap: number;
  /** Bytes of memory after each swap. */
  readonly memory: readonly number[];
}

const swapsPerTurn = 10;
const parts = [
  { size: image, connections: 16 },
  { size: large, connections: 8 },
] as const;

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    const measured: Measured[] = [];
    for (const { size, connections } of parts)
      if (size.name.startsWith(options.only))
        measured.push(await measure(size, 100, connections, folder, options));
    return report(measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  size: ModelSize,
  allSwaps: number,
  connections: number,
  folder: string,
  options: BenchOptions,
): Promise<Measured> {
  const swaps = options.quick ? swapsPerTurn * 2 : allSwaps;
  const versions = [1, 2, 3].map((version) => writeVersion(folder, size, version));
  const serving = await ServingProcess.start(folder);
  try {
    let generation = 1;
    await serving.route(deploymentOf([versions[0]!], 32, generation));
    const order = {
      port: serving.port,
      path: '/v2/models/bench/infer',
      headers: { 'content-type': 'application/json' },
      body: zerosBody(size),
      connections,
      expected: 'version' as const,
    };
    await runLoad({ ...order, milliseconds: 2_000 });
    const steady: LoadResult[] = [];
    const swapping: LoadResult[] = [];
    const memory: number[] = [];
    let seconds = 0;
    while (memory.length < swaps) {
      steady.push(await runLoad({ ...order, milliseconds: 5_000 }));
      const load = await startLoad(order);
      const begin = performance.now();
      for (let turn = 0; turn < swapsPerTurn; turn++) {
        generation++;
        await serving.route(deploymentOf([versions[generation % versions.length]!], 32, generation));
        const settled = await serving.until((report) =>
          Object.values(report.versions).every(({ state }) => state === 'ready'),
        );
        memory.push(settled.metrics.rssBytes);
      }
      seconds += (performance.now() - begin) / 1000;
      swapping.push(await load.finish());
      options.progress(`${size.name}: ${memory.length} of ${swaps} swaps`);
    }
    return { size, swaps, connections, steady, swapping, secondsPerSwap: seconds / swaps, memory };
  } finally {
    await serving.stop();
  }
}

function zerosBody(size: ModelSize): string {
  const data = new Array(size.inputs).fill(0);
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, size.inputs], data }] });
  return Buffer.from(body).toString('base64');
}

/** Median of a part of a series, in mebibytes. */
function mebibytes(values: readonly number[], from: number, to: number): number {
  return median(values.slice(Math.floor(values.length * from), Math.ceil(values.length * to))) / 2 ** 20;
}

function total(results: readonly LoadResult[], count: (result: LoadResult) => number): number {
  return results.reduce((sum, result) => sum + count(result), 0);
}

/** Median over the turns, milliseconds. */
function typical(results: readonly LoadResult[], percentile: (result: LoadResult) => number): number {
  return median(results.map(percentile));
}

function report(measured: readonly Measured[]): BenchReport {
  const numbers: Record<string, number> = {};
  const targets: BenchReport['targets'][number][] = [];
  for (const row of measured) {
    const key = row.size.name.split(' ')[0];
    const failed = total(row.swapping, (result) => result.failed);
    const wrong = total(row.swapping, (result) => result.wrong);
    const steadyP99 = typical(row.steady, ({ p99 }) => p99);
    const swappingP99 = typical(row.swapping, ({ p99 }) => p99);
    const slower = swappingP99 / steadyP99;
    const early = mebibytes(row.memory, 0.2, 0.5);
    const late = mebibytes(row.memory, 0.8, 1);
    Object.assign(numbers, {
      [`${key}.swaps`]: row.swaps,
      [`${key}.failed`]: failed,
      [`${key}.wrong`]: wrong,
      [`${key}.steadyP99`]: steadyP99,
      [`${key}.swappingP99`]: swappingP99,
      [`${key}.memoryEarly`]: early,
      [`${key}.memoryLate`]: late,
    });
    targets.push(
      {
        name: `${row.size.name}: failed`,
        limit: '0',
        measured: String(failed),
        pass: failed === 0,
      },
      {
        name: `${row.size.name}: wrong version`,
        limit: '0',
        measured: String(wrong),
        pass: wrong === 0,
      },
      {
        name: `${row.size.name}: p99 while swapping`,
        limit: '<= 2x steady',
        measured: `${round(slower)}x`,
        pass: slower <= 2,
      },
      {
        name: `${row.size.name}: memory of the last fifth against the second and third`,
        limit: '<= 1.1x',
        measured: `${round(late / early)}x`,
        pass: late / early <= 1.1,
      },
    );
  }
  return {
    tables: [
      {
        title: 'Answers while swapping',
        columns: ['model', 'connections', 'swaps', 'seconds a swap', 'answers', 'failed', 'wrong version'],
        rows: measured.map((row) => [
          row.size.name,
          row.connections,
          row.swaps,
          round(row.secondsPerSwap),
          total(row.swapping, ({ requests }) => requests),
          total(row.swapping, (result) => result.failed),
          total(row.swapping, (result) => result.wrong),
        ]),
      },
      {
        title: 'Latency, milliseconds, median of the turns',
        columns: ['model', 'steady p50', 'steady p99', 'swapping p50', 'swapping p99', 'swapping max'],
        rows: measured.map(({ size, steady, swapping }) => [
          size.name,
          round(typical(steady, ({ p50 }) => p50)),
          round(typical(steady, ({ p99 }) => p99)),
          round(typical(swapping, ({ p50 }) => p50)),
          round(typical(swapping, ({ p99 }) => p99)),
          round(Math.max(...swapping.map(({ max }) => max))),
        ]),
      },
      {
        title: 'Memory of the process, MiB',
        columns: ['model', 'after 1 swap', 'swaps 20-50 %', 'swaps 80-100 %', 'most'],
        rows: measured.map(({ size, memory }) => [
          size.name,
          Math.round(memory[0]! / 2 ** 20),
          Math.round(mebibytes(memory, 0.2, 0.5)),
          Math.round(mebibytes(memory, 0.8, 1)),
          Math.round(Math.max(...memory) / 2 ** 20),
        ]),
      },
    ],
    numbers,
    targets,
  };
}
