/** Models from tiny to 101 MB, in every encoding, from 1 to 256 connections, against the bare model at the same size of a run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allocatorSettings } from '../plugins/serving/dataplane/interface/process-memory.ts';
import { type Bare, bareOf } from './bare-runs.ts';
import { startBareServer } from './bare-server.ts';
import { dense, type Encoding, encodings, type GridModel, gridModels, requestOf } from './grid-models.ts';
import { startEcho } from './json-echo.ts';
import { LoadGenerator, type LoadOrder } from './load-generator.ts';
import { deploymentOf, image } from './models.ts';
import { type RawResult, runRaw } from './raw-session.ts';
import { measureReading } from './reading.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { answersIn, runsIn, ServingProcess } from './serving-process.ts';

export const servingGrid: Bench = {
  name: 'serving-grid',
  description: 'tiny to 101 MB; JSON, binary, gRPC; 1 to 256 connections; against bare runs of as many rows',
  run,
};

const connectionCounts = [1, 8, 32, 64, 256];
const maxBatchSize = 32;
/** What a server costs that only echoes is measured with so many. */
const echoConnections = 32;
/**
 * Code is compiled after some thousands of requests, which come within a moment where runs are short, and in no measurement where they are long.
 * So all is asked for another model first, as a server that has been there for a while.
 */
const warmUp = { connections: 32, milliseconds: 1_000 };

interface Cell {
  readonly model: GridModel;
  readonly encoding: Encoding;
  readonly connections: number;
  /** Answers a second. */
  readonly rate: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of processor time an inference. */
  readonly cpu: number;
  readonly rowsOfRun: number;
  /** A row of a bare run of as many rows, and a bare run of one row: microseconds of processor time. */
  readonly bareCpu: number;
  readonly bareAlone: number;
  /** Rows a second of a bare loop with as many rows. */
  readonly bareRate: number;
  readonly bareTime: number;
  readonly failed: number;
  /** Microseconds of processor time of a bare server that is sent the same over gRPC. */
  readonly echoCpu: number | undefined;
  /** What did as much beside it, in the seconds after; of a model whose runs are long. */
  readonly beside: Beside | undefined;
}

/** Rows, or answers, a second. */
interface Beside {
  /** A bare loop of `session.run` with as many rows, as Node starts it. */
  readonly loop: number;
  /** The same with the memory settings that inference processes are started with. */
  readonly settledLoop: number;
  /** A bare server that is asked by the same clients. */
  readonly server: number;
}

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    const cells: Cell[] = [];
    const isAsked = (name: string): boolean => name.startsWith(options.only) || options.only.startsWith(name);
    for (const model of (await gridModels(folder)).filter(({ name }) => isAsked(name))) {
      cells.push(...(await measureModel(model, folder, options)));
    }
    if (cells.length === 0) throw new Error(`no model begins with "${options.only}"`);
    const reading = measureReading(options.quick ? 300 : 2_000);
    const { tables, numbers, targets } = report(cells);
    return { tables: [...tables, reading.table], numbers, targets: [...targets, ...reading.targets] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureModel(model: GridModel, folder: string, options: BenchOptions): Promise<Cell[]> {
  const milliseconds = options.quick ? 300 : 2_000;
  options.progress(`${model.name}: bare`);
  const bare: Bare[] = [];
  for (const rows of model.batches ? [1, 2, 4, 8, 16, 32] : [1]) {
    const result = await runRaw({ path: model.version.path, inputs: model.rows(rows), milliseconds });
    bare.push({ rows, cpu: result.cpuMicroseconds, time: result.mean });
  }
  const serving = await ServingProcess.start(folder, ['--grpc-port', '0']);
  const generator = new LoadGenerator();
  const cells: Cell[] = [];
  try {
    const asked = encodings.filter((encoding) => `${model.name}, ${encoding}`.startsWith(options.only));
    const other = dense(folder, image);
    // In a thread, too: what runs on the event loop keeps threads off a processor for a while.
    await serving.route(deploymentOf([{ ...other.version, placement: 'worker' }], maxBatchSize, 1));
    for (const encoding of asked) {
      const port = encoding === 'grpc' ? serving.grpcPort! : serving.port;
      await generator.run({ ...requestOf(other, encoding), port, ...warmUp });
    }
    await serving.route(deploymentOf([model.version], maxBatchSize, 2));
    for (const encoding of asked) {
      options.progress(`${model.name}, ${encoding}: ${connectionCounts.join(', ')} connections`);
      for (const connections of connectionCounts) {
        cells.push(
          await measureCell({ model, encoding, connections, milliseconds, bare }, serving, generator),
        );
      }
    }
  } finally {
    generator.close();
    await serving.stop();
  }
  return cells;
}

async function measureCell(
  {
    model,
    encoding,
    connections,
    milliseconds,
    bare,
  }: Pick<Cell, 'model' | 'encoding' | 'connections'> & {
    readonly milliseconds: number;
    readonly bare: readonly Bare[];
  },
  serving: ServingProcess,
  generator: LoadGenerator,
): Promise<Cell> {
  const port = encoding === 'grpc' ? serving.grpcPort! : serving.port;
  const order = { ...requestOf(model, encoding), port, connections };
  await generator.run({ ...order, milliseconds: 300 });
  const load = generator.begin(order);
  const first = await serving.until(() => true);
  const enough = Date.now() + milliseconds;
  const last = await serving.until(({ at }) => Date.parse(at) >= enough);
  const loaded = await load.finish();
  if (loaded.failed > 0) throw new Error(`${model.name}, ${encoding}: ${loaded.firstProblem}`);
  const answers = answersIn(last) - answersIn(first);
  const rowsOfRun = (runsIn(last).rows - runsIn(first).rows) / (runsIn(last).runs - runsIn(first).runs);
  const alike = bareOf(bare, rowsOfRun);
  return {
    model,
    encoding,
    connections,
    rate: answers / ((Date.parse(last.at) - Date.parse(first.at)) / 1000),
    p50: loaded.p50,
    p99: loaded.p99,
    cpu: ((last.metrics.cpuSeconds - first.metrics.cpuSeconds) * 1e6) / answers,
    rowsOfRun,
    bareCpu: alike.cpu / rowsOfRun,
    bareAlone: bare[0]!.cpu,
    bareRate: (rowsOfRun * 1e6) / alike.time,
    bareTime: alike.time,
    failed: loaded.failed,
    echoCpu:
      encoding === 'grpc' && connections === echoConnections
        ? await echoCpu(order, milliseconds, generator)
        : undefined,
    beside:
      alike.time >= longRun
        ? await measureBeside(model, order, rowsOfRun, milliseconds, generator)
        : undefined,
  };
}

async function measureBeside(
  model: GridModel,
  order: Omit<LoadOrder, 'milliseconds'>,
  rowsOfRun: number,
  milliseconds: number,
  generator: LoadGenerator,
): Promise<Beside> {
  const rows = Math.max(1, Math.round(rowsOfRun));
  const loop = { path: model.version.path, inputs: model.rows(rows), milliseconds };
  const rateOf = ({ mean }: RawResult): number => (rows * 1e6) / mean;
  return {
    loop: rateOf(await runRaw(loop)),
    settledLoop: rateOf(await runRaw({ ...loop, environment: allocatorSettings })),
    server: await bareServerRate(model, order, milliseconds, generator),
  };
}

async function bareServerRate(
  model: GridModel,
  order: Omit<LoadOrder, 'milliseconds'>,
  milliseconds: number,
  generator: LoadGenerator,
): Promise<number> {
  const requests = model.batches ? Math.min(order.connections, maxBatchSize) : 1;
  const server = await startBareServer({
    protocol: order.protocol ?? 'http',
    path: model.version.path,
    inputs: model.rows(requests),
    requests,
  });
  try {
    const asked = { ...order, port: server.port };
    await generator.run({ ...asked, ...warmUp });
    server.run();
    const loaded = await generator.run({ ...asked, milliseconds });
    return loaded.requests / loaded.seconds;
  } finally {
    server.stop();
  }
}

async function echoCpu(
  order: Omit<LoadOrder, 'milliseconds'>,
  milliseconds: number,
  generator: LoadGenerator,
): Promise<number> {
  const echo = await startEcho('grpc');
  try {
    const asked = { ...order, port: echo.port };
    await generator.run({ ...asked, milliseconds: 300 });
    const before = await echo.cpuSeconds();
    const { requests } = await generator.run({ ...asked, milliseconds });
    return (((await echo.cpuSeconds()) - before) * 1e6) / requests;
  } finally {
    echo.stop();
  }
}

function report(cells: readonly Cell[]): BenchReport {
  const numbers: Record<string, number> = {};
  for (const cell of cells) {
    const key = `${cell.model.name.split(' ')[0]!.toLowerCase()}.${cell.encoding}.${cell.connections}`;
    numbers[`${key}.rate`] = cell.rate;
    numbers[`${key}.p50`] = cell.p50;
    numbers[`${key}.p99`] = cell.p99;
    numbers[`${key}.cpuMicroseconds`] = cell.cpu;
    numbers[`${key}.rowsOfRun`] = cell.rowsOfRun;
    numbers[`${key}.bareCpuMicroseconds`] = cell.bareCpu;
    numbers[`${key}.bareRate`] = cell.bareRate;
    if (cell.beside !== undefined) {
      numbers[`${key}.besideRate`] = cell.beside.loop;
      numbers[`${key}.besideSettledRate`] = cell.beside.settledLoop;
      numbers[`${key}.bareServerRate`] = cell.beside.server;
    }
    if (cell.echoCpu !== undefined) numbers[`${key}.echoCpuMicroseconds`] = cell.echoCpu;
  }
  return {
    tables: [
      {
        title:
          'Served against bare runs of as many rows; processor time in microseconds, latency in milliseconds',
        columns: [
          'model',
          'encoding',
          'connections',
          'requests/s',
          'p50',
          'p99',
          'rows of a run',
          'cpu',
          'bare, a run of one row',
          'bare, a row of as many',
          'share of bare throughput',
        ],
        rows: cells.map((cell) => [
          cell.model.name,
          cell.encoding,
          cell.connections,
          Math.round(cell.rate),
          round(cell.p50),
          round(cell.p99),
          round(cell.rowsOfRun),
          round(cell.cpu),
          round(cell.bareAlone),
          round(cell.bareCpu),
          `${round((100 * cell.rate) / cell.bareRate)} %`,
        ]),
      },
      ...besideTable(cells),
      ...echoTable(cells),
    ],
    numbers,
    targets: cells.flatMap(targetsOf),
  };
}

function besideTable(cells: readonly Cell[]): BenchReport['tables'] {
  const rows = cells.flatMap(({ model, encoding, connections, rate, beside }) => {
    if (beside === undefined) return [];
    const columns = [beside.loop, beside.settledLoop, beside.server].flatMap((other) => [
      Math.round(other),
      `${round((100 * rate) / other)} %`,
    ]);
    return [[model.name, encoding, connections, Math.round(rate), ...columns]];
  });
  if (rows.length === 0) return [];
  return [
    {
      title:
        'Long runs, and what did as much in the seconds after: a bare loop of as many rows, as Node starts it and with the memory settings of inference processes, ' +
        'and a bare server that knows how many clients there are; requests a second',
      columns: [
        'model',
        'encoding',
        'connections',
        'served',
        'bare loop',
        'share of it',
        'same memory',
        'share of it',
        'bare server',
        'share of it',
      ],
      rows,
    },
  ];
}

function echoTable(cells: readonly Cell[]): BenchReport['tables'] {
  const echoed = cells.filter(({ echoCpu }) => echoCpu !== undefined);
  if (echoed.length === 0) return [];
  return [
    {
      title: `gRPC beside a server on bare node:http2 that runs nothing, ${echoConnections} connections; processor time in microseconds`,
      columns: ['model', 'served', 'bare node:http2', 'above it'],
      rows: echoed.map(({ model, cpu, echoCpu }) => [
        model.name,
        round(cpu),
        round(echoCpu!),
        round(cpu - echoCpu!),
      ]),
    },
  ];
}

/** Beyond this a run is what counts, and the way there should not be seen. */
const longRun = 5_000;
/** What an inference may cost of a processor, in runs of the bare model. */
const mostCpu = { json: 2.5, binary: 1.8 };

function targetsOf(cell: Cell): BenchReport['targets'] {
  return [...throughputTarget(cell), ...cpuTargets(cell)];
}

function throughputTarget({ model, encoding, connections, rate, beside }: Cell): BenchReport['targets'] {
  if (beside === undefined || connections < 8) return [];
  const share = (100 * rate) / beside.loop;
  return [
    {
      name: `${model.name}, ${encoding}, ${connections} connections: throughput against a bare loop`,
      limit: '>= 90 %',
      measured: `${round(share)} %`,
      pass: share >= 90,
    },
  ];
}

/** By both readings of what it is held against: requests that came alone would have been runs of one row each. */
function cpuTargets({ model, encoding, connections, cpu, bareAlone, bareCpu }: Cell): BenchReport['targets'] {
  if (encoding === 'grpc' || connections !== 32) return [];
  const limit = mostCpu[encoding];
  const against = { 'a bare run of one row': bareAlone, 'a row of a bare run of as many': bareCpu };
  return Object.entries(against).map(([what, bare]) => ({
    name: `${model.name}, ${encoding}, ${connections} connections: processor time against ${what}`,
    limit: `<= ${limit}x`,
    measured: `${round(cpu / bare)}x`,
    pass: cpu / bare <= limit,
  }));
}
