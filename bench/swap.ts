/** A hundred swaps under load: is a request lost, does a wrong version answer, how much slower is it, does memory grow. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadResult, runLoad, startLoad } from './load-generator.ts';
import { deploymentOf, image, large, type ModelSize, writeVersion } from './models.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { ServingProcess } from './serving-process.ts';

export const swap: Bench = {
  name: 'swap',
  description: 'a hundred swaps of a model under load: failed requests, wrong versions, latency, memory',
  run,
};

interface Measured {
  readonly size: ModelSize;
  readonly swaps: number;
  readonly connections: number;
  readonly steady: LoadResult;
  readonly swapping: LoadResult;
  readonly secondsPerSwap: number;
  /** Bytes of memory after each swap. */
  readonly memory: readonly number[];
}

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    const measured = [
      await measure(image, 100, 16, folder, options),
      await measure(large, 100, 8, folder, options),
    ];
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
  const swaps = options.quick ? Math.ceil(allSwaps / 10) : allSwaps;
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
    options.progress(`${size.name}: steady`);
    await runLoad({ ...order, milliseconds: 2_000 });
    const steady = await runLoad({ ...order, milliseconds: options.quick ? 3_000 : 15_000 });
    const load = await startLoad(order);
    const memory: number[] = [];
    const begin = performance.now();
    for (let turn = 1; turn <= swaps; turn++) {
      generation++;
      await serving.route(deploymentOf([versions[turn % versions.length]!], 32, generation));
      const settled = await serving.until((report) =>
        Object.values(report.versions).every(({ state }) => state === 'ready'),
      );
      memory.push(settled.metrics.rssBytes);
      if (turn % 10 === 0) options.progress(`${size.name}: ${turn} of ${swaps} swaps`);
    }
    const secondsPerSwap = (performance.now() - begin) / 1000 / swaps;
    return { size, swaps, connections, steady, swapping: await load.finish(), secondsPerSwap, memory };
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
function medianOf(values: readonly number[], from: number, to: number): number {
  const part = values
    .slice(Math.floor(values.length * from), Math.ceil(values.length * to))
    .sort((a, b) => a - b);
  return part[part.length >> 1]! / 2 ** 20;
}

function report(measured: readonly Measured[]): BenchReport {
  const numbers: Record<string, number> = {};
  const targets: BenchReport['targets'][number][] = [];
  for (const row of measured) {
    const key = row.size.name.split(' ')[0];
    const slower = row.swapping.p99 / row.steady.p99;
    const early = medianOf(row.memory, 0.2, 0.5);
    const late = medianOf(row.memory, 0.8, 1);
    Object.assign(numbers, {
      [`${key}.swaps`]: row.swaps,
      [`${key}.failed`]: row.swapping.failed,
      [`${key}.wrong`]: row.swapping.wrong,
      [`${key}.steadyP99`]: row.steady.p99,
      [`${key}.swappingP99`]: row.swapping.p99,
      [`${key}.memoryEarly`]: early,
      [`${key}.memoryLate`]: late,
    });
    targets.push(
      {
        name: `${row.size.name}: failed`,
        limit: '0',
        measured: String(row.swapping.failed),
        pass: row.swapping.failed === 0,
      },
      {
        name: `${row.size.name}: wrong version`,
        limit: '0',
        measured: String(row.swapping.wrong),
        pass: row.swapping.wrong === 0,
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
          row.swapping.requests,
          row.swapping.failed,
          row.swapping.wrong,
        ]),
      },
      {
        title: 'Latency, milliseconds',
        columns: ['model', 'steady p50', 'steady p99', 'swapping p50', 'swapping p99', 'swapping max'],
        rows: measured.map(({ size, steady, swapping }) => [
          size.name,
          round(steady.p50),
          round(steady.p99),
          round(swapping.p50),
          round(swapping.p99),
          round(swapping.max),
        ]),
      },
      {
        title: 'Memory of the process, MiB',
        columns: ['model', 'after 1 swap', 'swaps 20-50 %', 'swaps 80-100 %', 'most'],
        rows: measured.map(({ size, memory }) => [
          size.name,
          Math.round(memory[0]! / 2 ** 20),
          Math.round(medianOf(memory, 0.2, 0.5)),
          Math.round(medianOf(memory, 0.8, 1)),
          Math.round(Math.max(...memory) / 2 ** 20),
        ]),
      },
    ],
    numbers,
    targets,
  };
}
