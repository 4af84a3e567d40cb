/** A light model beside a heavy one in the same process: how much later are its answers while the heavy one never rests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type {
  PinnedVersion,
  ServedDeployment,
} from '../plugins/serving/dataplane/interface/routing-table.ts';
import { countOf, processorsOfProcess, without } from '../plugins/serving/dataplane/run/processors.ts';
import { LoadGenerator, type LoadOrder, type LoadResult } from './load-generator.ts';
import { median } from './median.ts';
import { deploymentOf, large, type ModelSize, tabular, writeVersion } from './models.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { ServingProcess } from './serving-process.ts';

export const neighbours: Bench = {
  name: 'neighbours',
  description: 'p99 of a light model beside a heavy one that is saturated, in one process',
  run,
};

/** How the heavy model runs, and with how many rows of a request. */
interface Case {
  readonly name: string;
  readonly rows: number;
  readonly pinned: Pick<PinnedVersion, 'placement' | 'replicas' | 'session'>;
  /** In an inference process of its own, on the same processors. */
  readonly isApart?: boolean;
  /** What the process is started with. */
  readonly args?: readonly string[];
  /** Undefined where it is shown to compare with. */
  readonly limit: number | undefined;
}

/** Worker threads run on every processor, whoever is asked. */
const everywhere: readonly string[] = ['--event-loop-processors', '0'];
const idle: readonly string[] = [...everywhere, '--worker-priority', 'idle'];
const twoThreads: Case['pinned'] = { placement: 'worker', session: { intraOpThreads: 2 } };
const twoReplicas: Case['pinned'] = { placement: 'worker', replicas: 2 };

const cases: readonly Case[] = [
  { name: 'worker, 1 row', rows: 1, pinned: { placement: 'worker' }, limit: 2 },
  { name: 'worker, 8 rows', rows: 8, pinned: { placement: 'worker' }, limit: 2 },
  { name: 'worker, 32 rows', rows: 32, pinned: { placement: 'worker' }, limit: 2 },
  { name: 'worker, 2 threads', rows: 1, pinned: twoThreads, limit: 2 },
  { name: 'worker, 2 threads, everywhere', rows: 1, pinned: twoThreads, args: everywhere, limit: undefined },
  { name: 'worker, 2 threads, everywhere, idle', rows: 1, pinned: twoThreads, args: idle, limit: undefined },
  { name: 'worker, 2 replicas', rows: 1, pinned: twoReplicas, limit: 2 },
  {
    name: 'worker, 2 replicas, everywhere',
    rows: 1,
    pinned: twoReplicas,
    args: everywhere,
    limit: undefined,
  },
  { name: 'apart, 1 row', rows: 1, pinned: { placement: 'worker' }, isApart: true, limit: undefined },
  { name: 'apart, 2 threads', rows: 1, pinned: twoThreads, isApart: true, limit: undefined },
  { name: 'inline, 1 row', rows: 1, pinned: { placement: 'inline' }, limit: undefined },
];

interface Measured {
  readonly of: Case;
  readonly alone: readonly LoadResult[];
  readonly beside: readonly LoadResult[];
  readonly heavy: readonly LoadResult[];
}

const lightConnections = 4;
const heavyConnections = 4;
/** All sides compile what they run often, and on two cores that is felt by whoever shares them: it takes them some seconds beside each other. */
const [warmUpMs, besideWarmUpMs] = [1_000, 20_000];

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    const light = writeVersion(folder, tabular, 1);
    const heavy = writeVersion(folder, large, 1);
    collectGarbage();
    const measured: Measured[] = [];
    for (const one of cases) {
      if (!one.name.startsWith(options.only)) continue;
      measured.push(await measure(one, light, heavy, folder, options));
    }
    return report(measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(
  of: Case,
  light: PinnedVersion,
  heavy: PinnedVersion,
  folder: string,
  { quick, progress }: BenchOptions,
): Promise<Measured> {
  const serving = await ServingProcess.start(folder, of.args);
  const beneath = of.isApart ? await ServingProcess.start(folder, of.args) : serving;
  const [lightLoad, heavyLoad] = [new LoadGenerator(), new LoadGenerator(processorsOfHeavy(of))];
  try {
    const lightServed = named('light', deploymentOf([light], 32, 1));
    const heavyServed = named('heavy', deploymentOf([{ ...heavy, ...of.pinned }], of.rows, 1));
    await serving.routeAll(of.isApart ? [lightServed] : [lightServed, heavyServed]);
    if (of.isApart) await beneath.routeAll([heavyServed]);
    const asksLight = orderOf(serving.port, 'light', tabular, 1, lightConnections, 2);
    const asksHeavy = orderOf(beneath.port, 'heavy', large, of.rows, heavyConnections);
    await lightLoad.run({ ...asksLight, pauseMs: undefined, milliseconds: warmUpMs });
    const milliseconds = quick ? 1_000 : 2_000;
    const [alone, beside, saturating]: [LoadResult[], LoadResult[], LoadResult[]] = [[], [], []];
    const takeTurn = async (besideMs = milliseconds): Promise<void> => {
      alone.push(await lightLoad.run({ ...asksLight, milliseconds }));
      const neighbour = heavyLoad.begin(asksHeavy);
      // Until its queue is full, it is no neighbour yet.
      await lightLoad.run({ ...asksLight, milliseconds: 300 });
      beside.push(await lightLoad.run({ ...asksLight, milliseconds: besideMs }));
      saturating.push(await neighbour.finish());
    };
    progress(`${of.name}, to warm up`);
    await takeTurn(quick ? milliseconds : besideWarmUpMs);
    for (const results of [alone, beside, saturating]) results.length = 0;
    for (let turn = 0; turn < (quick ? 2 : 7); turn++) {
      progress(`${of.name}, turn ${turn + 1}`);
      await takeTurn();
    }
    return { of, alone, beside, heavy: saturating };
  } finally {
    lightLoad.close();
    heavyLoad.close();
    await serving.stop();
    if (of.isApart) await beneath.stop();
  }
}

/**
 * Those that worker threads have while the light model is asked. Who asks the heavy model is no part of the server, and elsewhere runs on another machine: on
 * two processors it would take its time from the light model's side.
 */
function processorsOfHeavy({ pinned, isApart, args }: Case): bigint | undefined {
  const all = processorsOfProcess();
  const isKeptOff = pinned.placement === 'worker' && isApart !== true && args === undefined;
  return isKeptOff && countOf(all) > 1 ? without(all, 1) : undefined;
}

/** The models were made in this process, and V8 would come back to that while it measures. */
function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

function named(name: string, deployment: ServedDeployment): ServedDeployment {
  return { ...deployment, name };
}

/** Binary, so that reading the request is next to nothing. */
function orderOf(
  port: number,
  model: string,
  { inputs }: ModelSize,
  rows: number,
  connections: number,
  pauseMs?: number,
): LoadOrder {
  const data = Buffer.alloc(rows * inputs * 4);
  const input = {
    name: 'x',
    datatype: 'FP32',
    shape: [rows, inputs],
    parameters: { binary_data_size: data.length },
  };
  const head = Buffer.from(JSON.stringify({ inputs: [input], parameters: { binary_data_output: true } }));
  return {
    port,
    path: `/v2/models/${model}/infer`,
    headers: { 'inference-header-content-length': String(head.length) },
    body: Buffer.concat([head, data]).toString('base64'),
    connections,
    ...(pauseMs === undefined ? {} : { pauseMs }),
  };
}

function report(measured: readonly Measured[]): BenchReport {
  const numbers: Record<string, number> = {};
  const targets: BenchReport['targets'][number][] = [];
  const rows = measured.map(({ of, alone, beside, heavy }) => {
    const p99Alone = median(alone.map(({ p99 }) => p99));
    const p99Beside = median(beside.map(({ p99 }) => p99));
    const times = p99Beside / p99Alone;
    const failed = [...alone, ...beside, ...heavy].reduce((sum, result) => sum + result.failed, 0);
    const key = of.name.replaceAll(/[^a-z0-9]+/g, '-');
    numbers[`${key}.p99Alone`] = p99Alone;
    numbers[`${key}.p99Beside`] = p99Beside;
    if (of.limit !== undefined) {
      const name = `light beside heavy (${of.name}): p99`;
      const limit = `<= ${of.limit}x of alone`;
      targets.push({ name, limit, measured: `${round(times)}x`, pass: times <= of.limit });
    }
    if (failed > 0) targets.push({ name: of.name, limit: '0 failed', measured: String(failed), pass: false });
    return [
      of.name,
      round(median(heavy.map(({ p50 }) => p50))),
      round(median(heavy.map(({ requests, seconds }) => requests / seconds))),
      round(median(alone.map(({ p50 }) => p50))),
      round(median(beside.map(({ p50 }) => p50))),
      round(p99Alone),
      round(p99Beside),
      round(times),
    ];
  });
  return {
    tables: [
      {
        title: `${tabular.name} at ${lightConnections} connections, beside ${large.name} at ${heavyConnections}; milliseconds`,
        columns: [
          'heavy',
          'heavy p50',
          'heavy requests/s',
          'light p50 alone',
          'p50 beside',
          'p99 alone',
          'p99 beside',
          'times',
        ],
        rows,
      },
    ],
    numbers,
    targets,
  };
}
