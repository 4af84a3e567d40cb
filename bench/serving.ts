/** What an answer over HTTP costs, against the bare model and against a server that only echoes JSON. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { PinnedVersion } from '../plugins/serving/dataplane/interface/routing-table.ts';
import { type Bare, bareOf } from './bare-runs.ts';
import { binaryRequest } from './binary-request.ts';
import { startEcho } from './json-echo.ts';
import { type LoadOrder, runLoad, startLoad } from './load-generator.ts';
import { deploymentOf, image, large, type ModelSize, tabular, writeVersion } from './models.ts';
import { rowsOf, runRaw } from './raw-session.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { keyedTable, type MeasuredKeyed, measureKeyed } from './serving-keyed.ts';
import { loggingTable, type MeasuredLogging, measureLogging } from './serving-logging.ts';
import { answersIn, runsIn, ServingProcess } from './serving-process.ts';
import { type MeasuredTracing, measureTracing, tracingTable } from './serving-tracing.ts';

export const serving: Bench = {
  name: 'serving',
  description: 'what an answer over HTTP costs, against the bare model and against a JSON echo',
  run,
};

type Encoding = 'json' | 'binary';

interface Case {
  readonly size: ModelSize;
  readonly encoding: Encoding;
}

function nameOf({ size, encoding }: Case): string {
  return `${size.name}, ${encoding}`;
}

/**
 * What is compared takes turns, and the best round of each counts: what else the machine does only ever slows down, and
 * would else fall on one side. A round takes 8 seconds beside what it measures: processes start, tables switch, reports
 * come once a second. So a quick run has fewer of them, and is worth less on a busy machine.
 */
const thorough = { rounds: 5, milliseconds: 3_000 };
const quick = { rounds: 2, milliseconds: 700 };

const cases: readonly Case[] = [
  { size: tabular, encoding: 'json' },
  { size: tabular, encoding: 'binary' },
  { size: image, encoding: 'json' },
  { size: image, encoding: 'binary' },
  { size: large, encoding: 'binary' },
];

/** Rows of the bare runs that are measured: one, and what served runs of 22 or so lie between. */
const rawRows = [1, 16, 32];

interface Measured extends Case {
  readonly name: string;
  /** Of a bare run of one row. */
  readonly rawCpu: number;
  /** Of a row of a bare run of 32. */
  readonly rawRowCpu: number;
  /** Of a row of a bare run of as many rows as served runs had. */
  readonly rawLikeRowCpu: number;
  readonly rawP50: number;
  readonly echoCpu: number | undefined;
  readonly cpu: { readonly batched: number; readonly unbatched: number };
  readonly p50: { readonly batched: number; readonly unbatched: number };
  readonly rate: { readonly batched: number; readonly unbatched: number };
  /** Rows of a run, while batching. */
  readonly rows: number;
  /** Of the load generator, a request. */
  readonly loadCpu: { readonly batched: number; readonly unbatched: number };
  readonly failed: number;
}

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    const measured: Measured[] = [];
    for (const one of cases) {
      if (nameOf(one).startsWith(options.only)) measured.push(await measure(one, folder, options));
    }
    const logged: MeasuredLogging[] = [];
    const traced: MeasuredTracing[] = [];
    const keyed: MeasuredKeyed[] = [];
    const { rounds, milliseconds } = options.quick ? quick : thorough;
    for (const one of cases.slice(0, 4)) {
      const { size, encoding } = one;
      const name = nameOf(one);
      const facts = { name, folder, order: orderOf(size, encoding), rounds, milliseconds };
      if (`logged ${name}`.startsWith(options.only)) {
        options.progress(`${name}, logged: the best of ${rounds} rounds of ${milliseconds} ms`);
        logged.push(await measureLogging({ ...facts, version: writeVersion(folder, size, 1) }));
      }
      if (`traced ${name}`.startsWith(options.only)) {
        options.progress(`${name}, traced: the best of ${rounds} rounds of ${milliseconds} ms`);
        traced.push(await measureTracing({ ...facts, version: writeVersion(folder, size, 1) }));
      }
      if (`keyed ${name}`.startsWith(options.only)) {
        options.progress(`${name}, with keys: the best of ${rounds} rounds of ${milliseconds} ms`);
        keyed.push(await measureKeyed({ ...facts, version: writeVersion(folder, size, 1) }));
      }
    }
    if (measured.length + logged.length + traced.length + keyed.length === 0) {
      throw new Error(
        `nothing begins with "${options.only}": there is ${cases.map(nameOf).join('; ')}; and "logged", "traced" or "keyed" before one of them`,
      );
    }
    const whole = report(measured);
    const { table, targets } = loggingTable(logged);
    return {
      ...whole,
      tables: [
        ...(measured.length === 0 ? [] : whole.tables),
        ...(logged.length === 0 ? [] : [table]),
        ...(traced.length === 0 ? [] : [tracingTable(traced)]),
        ...(keyed.length === 0 ? [] : [keyedTable(keyed)]),
      ],
      targets: [...whole.targets, ...targets],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure({ size, encoding }: Case, folder: string, options: BenchOptions): Promise<Measured> {
  const { rounds, milliseconds } = options.quick ? quick : thorough;
  const name = nameOf({ size, encoding });
  options.progress(`${name}: the best of ${rounds} rounds of ${milliseconds} ms`);
  const version = writeVersion(folder, size, 1);
  const order = orderOf(size, encoding);
  const serving = await ServingProcess.start(folder);
  const raw: Bare[] = [];
  const echo: number[] = [];
  const unbatched: Phase[] = [];
  const batched: Phase[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      for (const rows of rawRows) {
        const inputs = rowsOf(rows, size.inputs);
        const { cpuMicroseconds, p50 } = await runRaw({ path: version.path, inputs, milliseconds });
        raw.push({ rows, cpu: cpuMicroseconds, time: p50 });
      }
      if (encoding === 'json') echo.push(await measureEcho(order, milliseconds));
      unbatched.push(await measureServing(serving, version, 1, order, milliseconds));
      batched.push(await measureServing(serving, version, 32, order, milliseconds));
    }
  } finally {
    await serving.stop();
  }
  const bare = rawRows.map((rows) => {
    const rounds = raw.filter((one) => one.rows === rows);
    return { rows, cpu: least(rounds, ({ cpu }) => cpu), time: least(rounds, ({ time }) => time) };
  });
  const rowsOfRun = batched.reduce((sum, { rows }) => sum + rows, 0) / batched.length;
  return {
    size,
    encoding,
    name,
    rawCpu: bareOf(bare, 1).cpu,
    rawRowCpu: bareOf(bare, 32).cpu / 32,
    rawLikeRowCpu: bareOf(bare, rowsOfRun).cpu / rowsOfRun,
    rawP50: bareOf(bare, 1).time,
    echoCpu: echo.length === 0 ? undefined : Math.min(...echo),
    cpu: { batched: least(batched, ({ cpu }) => cpu), unbatched: least(unbatched, ({ cpu }) => cpu) },
    p50: { batched: least(batched, ({ p50 }) => p50), unbatched: least(unbatched, ({ p50 }) => p50) },
    rate: {
      batched: -least(batched, ({ rate }) => -rate),
      unbatched: -least(unbatched, ({ rate }) => -rate),
    },
    rows: rowsOfRun,
    loadCpu: {
      batched: least(batched, ({ loadCpu }) => loadCpu),
      unbatched: least(unbatched, ({ loadCpu }) => loadCpu),
    },
    failed: [...unbatched, ...batched].reduce((sum, { failed }) => sum + failed, 0),
  };
}

function least<Result>(results: readonly Result[], number: (result: Result) => number): number {
  return Math.min(...results.map(number));
}

interface Phase {
  /** Microseconds of processor time an inference, at 32 connections. */
  readonly cpu: number;
  /** Microseconds, at one connection. */
  readonly p50: number;
  /** Answers a second, at 32 connections. */
  readonly rate: number;
  /** Rows of a run, at 32 connections. */
  readonly rows: number;
  /** Microseconds of processor time that the load generator takes for a request, at 32 connections. */
  readonly loadCpu: number;
  readonly failed: number;
}

async function measureServing(
  serving: ServingProcess,
  version: PinnedVersion,
  maxBatchSize: number,
  order: Omit<LoadOrder, 'port' | 'connections'>,
  milliseconds: number,
): Promise<Phase> {
  await serving.route(deploymentOf([version], maxBatchSize, maxBatchSize));
  const target = { ...order, port: serving.port, expected: order.expected };
  await runLoad({ ...target, connections: 32, milliseconds: 500 });
  const alone = await runLoad({ ...target, connections: 1, milliseconds });
  const load = await startLoad({ ...target, connections: 32 });
  const first = await serving.until(() => true);
  const enough = Date.now() + milliseconds;
  const last = await serving.until(({ at }) => Date.parse(at) >= enough);
  const many = await load.finish();
  const answers = answersIn(last) - answersIn(first);
  const seconds = (Date.parse(last.at) - Date.parse(first.at)) / 1000;
  return {
    cpu: ((last.metrics.cpuSeconds - first.metrics.cpuSeconds) * 1e6) / answers,
    p50: alone.p50 * 1000,
    rate: answers / seconds,
    rows: (runsIn(last).rows - runsIn(first).rows) / (runsIn(last).runs - runsIn(first).runs),
    loadCpu: many.cpuMicroseconds,
    failed: alone.failed + alone.wrong + many.failed + many.wrong,
  };
}

async function measureEcho(
  order: Omit<LoadOrder, 'port' | 'connections'>,
  milliseconds: number,
): Promise<number> {
  const echo = await startEcho();
  const target = { ...order, port: echo.port, connections: 32, expected: undefined };
  await runLoad({ ...target, milliseconds: 300 });
  const before = await echo.cpuSeconds();
  const { requests } = await runLoad({ ...target, milliseconds });
  const cpu = ((await echo.cpuSeconds()) - before) * 1e6;
  echo.stop();
  return cpu / requests;
}

function orderOf(size: ModelSize, encoding: Encoding): Omit<LoadOrder, 'port' | 'connections'> {
  const path = '/v2/models/bench/infer';
  const values = Array.from({ length: size.inputs }, (_, index) => Math.fround(((index * 37) % 255) / 255));
  const input = { name: 'x', datatype: 'FP32', shape: [1, size.inputs] } as const;
  if (encoding === 'json') {
    const body = JSON.stringify({
      inputs: [{ ...input, data: values.map((value) => Number(value.toFixed(4))) }],
    });
    const headers = { 'content-type': 'application/json' };
    return { path, headers, body: Buffer.from(body).toString('base64'), expected: 'any' };
  }
  const bytes = Buffer.from(Float32Array.from(values).buffer).toString('base64');
  return binaryRequest(path, [{ ...input, bytes }]);
}

function report(measured: readonly Measured[]): BenchReport {
  const numbers: Record<string, number> = {};
  for (const row of measured) {
    const key = `${row.size.name.split(' ')[0]}.${row.encoding}`;
    numbers[`${key}.rawCpuMicroseconds`] = row.rawCpu;
    numbers[`${key}.rawRowCpuMicroseconds`] = row.rawRowCpu;
    numbers[`${key}.rawLikeRowCpuMicroseconds`] = row.rawLikeRowCpu;
    numbers[`${key}.cpuMicroseconds`] = row.cpu.batched;
    numbers[`${key}.unbatchedCpuMicroseconds`] = row.cpu.unbatched;
    if (row.echoCpu !== undefined) numbers[`${key}.echoCpuMicroseconds`] = row.echoCpu;
    numbers[`${key}.p50Batched`] = row.p50.batched;
    numbers[`${key}.p50Unbatched`] = row.p50.unbatched;
    numbers[`${key}.rateBatched`] = row.rate.batched;
    numbers[`${key}.rateUnbatched`] = row.rate.unbatched;
    numbers[`${key}.rowsOfRun`] = row.rows;
    numbers[`${key}.loadCpuMicrosecondsBatched`] = row.loadCpu.batched;
    numbers[`${key}.loadCpuMicrosecondsUnbatched`] = row.loadCpu.unbatched;
    numbers[`${key}.failed`] = row.failed;
  }
  return {
    tables: [
      {
        title: 'Processor time of an inference, microseconds, 32 connections',
        columns: [
          'model',
          'bare, a run of one row',
          'JSON echo',
          'unbatched',
          'served',
          'served / a bare run of one row',
          'served / echo',
          'rows of a run',
          'bare, a row of as many',
          'served / a bare row of as many',
        ],
        rows: measured.map((row) => [
          row.name,
          round(row.rawCpu),
          row.echoCpu === undefined ? '-' : round(row.echoCpu),
          round(row.cpu.unbatched),
          round(row.cpu.batched),
          round(row.cpu.batched / row.rawCpu),
          row.echoCpu === undefined ? '-' : round(row.cpu.batched / row.echoCpu),
          round(row.rows),
          round(row.rawLikeRowCpu),
          round(row.cpu.batched / row.rawLikeRowCpu),
        ]),
      },
      {
        title: 'Latency at one connection, microseconds, p50',
        columns: ['model', 'bare, a run of one row', 'unbatched', 'batched', 'batched / unbatched'],
        rows: measured.map((row) => [
          row.name,
          round(row.rawP50),
          round(row.p50.unbatched),
          round(row.p50.batched),
          round(row.p50.batched / row.p50.unbatched),
        ]),
      },
      {
        title: 'Requests a second, 32 connections',
        columns: ['model', 'unbatched', 'batched', 'batched / unbatched', 'failed'],
        rows: measured.map((row) => [
          row.name,
          Math.round(row.rate.unbatched),
          Math.round(row.rate.batched),
          round(row.rate.batched / row.rate.unbatched),
          row.failed,
        ]),
      },
      {
        title: 'What batching spares, processor time in microseconds, 32 connections',
        columns: [
          'model',
          'unbatched',
          'batched',
          'unbatched / batched',
          'rows of a run',
          'bare, a row of 32',
          'unbatched / batched without it',
          'load generator, unbatched',
          'load generator, batched',
        ],
        rows: measured.map((row) => [
          row.name,
          round(row.cpu.unbatched),
          round(row.cpu.batched),
          round(row.cpu.unbatched / row.cpu.batched),
          round(row.rows),
          round(row.rawRowCpu),
          round(row.cpu.unbatched / (row.cpu.batched - row.rawRowCpu)),
          round(row.loadCpu.unbatched),
          round(row.loadCpu.batched),
        ]),
      },
    ],
    numbers,
    targets: measured.flatMap(targetsOf),
  };
}

function targetsOf(row: Measured): BenchReport['targets'] {
  const cpu = row.cpu.batched / row.rawCpu;
  const p50 = row.p50.batched / row.p50.unbatched;
  const rate = row.rate.batched / row.rate.unbatched;
  const mostCpu = row.encoding === 'json' ? 2.5 : 1.8;
  return [
    {
      name: `${row.name}: processor time against a bare run of one row`,
      limit: `<= ${mostCpu}x`,
      measured: `${round(cpu)}x`,
      pass: cpu <= mostCpu,
    },
    {
      name: `${row.name}: p50 alone against unbatched`,
      limit: '<= 1.3x',
      measured: `${round(p50)}x`,
      pass: p50 <= 1.3,
    },
    {
      name: `${row.name}: batching at 32 connections`,
      limit: '>= 2x',
      measured: `${round(rate)}x`,
      pass: rate >= 2,
    },
  ];
}
