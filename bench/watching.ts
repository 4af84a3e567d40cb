/** What a line for every request costs, and what kept answers spare: one inference process at 32 connections, with one thing on at a time. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServedDeployment } from '../plugins/serving/dataplane/interface/routing-table.ts';
import { type LoadOrder, runLoad, startLoad } from './load-generator.ts';
import { deploymentOf, large, type ModelSize, tabular, writeVersion } from './models.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { answersIn, ServingProcess } from './serving-process.ts';

interface Way {
  readonly name: string;
  readonly size: ModelSize;
  readonly args?: readonly string[];
  readonly more?: Partial<ServedDeployment>;
}

interface Measured {
  /** Microseconds of processor time a request, round by round. */
  readonly cpu: number[];
  failed: number;
}

const cache = { bytes: 64 * 1024 * 1024, ttlMs: 3_600_000 };

export const watching: Bench = {
  name: 'watching',
  description: 'access log and kept answers against the same requests without',
  async run(options: BenchOptions): Promise<BenchReport> {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
    const file = ['--access-file', join(folder, 'access.log')];
    const ways: readonly Way[] = [
      { name: 'tabular: nothing', size: tabular },
      { name: 'tabular: access log, 1 %', size: tabular, args: ['--log-access', '1%', ...file] },
      { name: 'tabular: access log, all', size: tabular, args: ['--log-access', 'all', ...file] },
      { name: 'tabular: kept answers', size: tabular, more: { cache } },
      { name: 'large: nothing', size: large },
      { name: 'large: kept answers', size: large, more: { cache } },
    ].filter(({ name }) => name.startsWith(options.only));
    try {
      const measured = await measure(ways, folder, options);
      return report(ways, measured);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

/** They take turns, so that what else the machine does is everybody's. */
async function measure(
  ways: readonly Way[],
  folder: string,
  { quick, progress }: BenchOptions,
): Promise<readonly Measured[]> {
  const [rounds, milliseconds] = quick ? [2, 1_000] : [6, 2_500];
  const processes: ServingProcess[] = [];
  const measured: Measured[] = ways.map(() => ({ cpu: [], failed: 0 }));
  try {
    for (const { name, size, args = [], more } of ways) {
      progress(`${name}: loads`);
      const serving = await ServingProcess.start(folder, args);
      processes.push(serving);
      await serving.route({ ...deploymentOf([writeVersion(folder, size, 1)], 32, 1), ...more });
    }
    for (let turn = 0; turn < rounds; turn++) {
      progress(`round ${turn + 1} of ${rounds}, ${milliseconds} ms each`);
      for (const [index, serving] of processes.entries()) {
        const { cpu, failed } = measured[index]!;
        const order = orderOf(ways[index]!.size, serving.port);
        await runLoad({ ...order, milliseconds: 500 });
        const load = await startLoad(order);
        const first = await serving.until(() => true);
        const enough = Date.now() + milliseconds;
        const last = await serving.until(({ at }) => Date.parse(at) >= enough);
        const many = await load.finish();
        const used = last.metrics.cpuSeconds - first.metrics.cpuSeconds;
        cpu.push((used * 1e6) / (answersIn(last) - answersIn(first)));
        measured[index]!.failed = failed + many.failed + many.wrong;
      }
    }
  } finally {
    for (const serving of processes) await serving.stop();
  }
  return measured;
}

/** The same request again and again: where answers are kept, it is kept. */
function orderOf({ inputs }: ModelSize, port: number): LoadOrder {
  const data = Array.from({ length: inputs }, (_, index) => ((index * 37) % 255) / 255);
  const body = JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, inputs], data }] });
  return {
    path: '/v2/models/bench/infer',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(body).toString('base64'),
    expected: 'any',
    port,
    connections: 32,
  };
}

function report(ways: readonly Way[], measured: readonly Measured[]): BenchReport {
  const least = measured.map(({ cpu }) => Math.min(...cpu));
  const base = ways.map(({ size }) => ways.findIndex((one) => one.size === size));
  return {
    tables: [
      {
        title: 'Processor time of a request in microseconds, JSON, 32 connections: the best round of each',
        columns: ['what is on', 'cpu', 'more than nothing', 'failed'],
        rows: ways.map(({ name }, index) => [
          name,
          round(least[index]!),
          round(least[index]! - least[base[index]!]!),
          measured[index]!.failed,
        ]),
      },
    ],
    numbers: Object.fromEntries(ways.map(({ name }, index) => [name, least[index]!])),
    targets: [],
  };
}
