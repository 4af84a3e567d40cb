/**
 * A server that is asked more than it can do: what it answers in time, how soon it refuses the rest, and whether it still says that it
 * lives. Beside it a bare server that refuses whatever comes, under the same load from the same generator.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFile } from '../libraries/package-files/index.ts';
import { type HealthTimes, watchHealth } from './health-watch.ts';
import { type LargeBodies, measureLargeBodies, numbersOf, tableOf, targetsOf } from './large-bodies.ts';
import { runLoad } from './load-generator.ts';
import { deploymentOf, type ModelSize, writeVersion } from './models.ts';
import { type Bench, type BenchOptions, type BenchReport, round } from './report.ts';
import { ServingProcess } from './serving-process.ts';

export const overload: Bench = {
  name: 'overload',
  description:
    'requests at multiples of what a server can do, and large bodies, against its capacity and a bare server in the same run',
  run,
};

export interface OpenLoad {
  readonly port: number;
  readonly path: string;
  /** Base64. */
  readonly body: string;
  readonly perSecond: number;
  readonly milliseconds: number;
  readonly deadlineMs: number;
}

export interface OpenLoadResult {
  readonly offered: number;
  readonly answered: number;
  /** Of those that were answered. */
  readonly inTime: number;
  readonly refused: number;
  /** Taken, and given up at the deadline. */
  readonly timedOut: number;
  readonly failed: number;
  readonly answeredP99: number;
  readonly refusedP99: number;
  /** How long after it was due a request was sent: what the generator itself is behind. */
  readonly sentLateP99: number;
  /** Of one processor, for the generator. */
  readonly processorShare: number;
}

interface Measured extends OpenLoadResult {
  readonly times: number;
  readonly perSecond: number;
  readonly seconds: number;
  readonly healthP99: number;
}

/** A run takes milliseconds, so the model is what is short and not HTTP. */
const size: ModelSize = { name: 'dense 784-4000-3500-10', inputs: 784, hidden: [4000, 3500], outputs: 10 };
const deadlineMs = 250;
const multiples = [0.5, 1, 2, 3] as const;

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const serving = await ServingProcess.start(folder);
  try {
    const version = { ...writeVersion(folder, size, 1), placement: 'worker' as const };
    await serving.route(deploymentOf([version], 4, 1));
    const data = new Array<number>(size.inputs).fill(0);
    const request = { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, size.inputs], data }] };
    const order = {
      port: serving.port,
      path: '/v2/models/bench/infer',
      body: Buffer.from(JSON.stringify(request)).toString('base64'),
    };
    const milliseconds = options.quick ? 3_000 : 10_000;
    const closed = { ...order, headers: { 'content-type': 'application/json' }, connections: 16 };
    await runLoad({ ...closed, milliseconds: 1_500 });
    const { requests, seconds } = await runLoad({ ...closed, milliseconds });
    const capacity = requests / seconds;
    options.progress(`capacity: ${Math.round(capacity)} requests/s`);
    const measured: Measured[] = [];
    for (const times of multiples) {
      const perSecond = times * capacity;
      const health = watchHealth(serving.port);
      const load = { ...order, perSecond, milliseconds, deadlineMs };
      const result = await openLoad(load);
      measured.push(measuredOf(load, times, result, health.stop()));
      options.progress(`${times}x`);
    }
    const times = multiples.at(-1)!;
    const perSecond = times * capacity;
    const floor = await measureFloor({ ...order, perSecond, milliseconds, deadlineMs }, times);
    options.progress('floor');
    return report(capacity, measured, floor, await measureLargeBodies(options));
  } finally {
    await serving.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function openLoad(order: OpenLoad): Promise<OpenLoadResult> {
  const child = fork(packageFile('dist/bench/overload-main.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const result = once(child, 'message') as Promise<[OpenLoadResult]>;
  child.send(order);
  return (await result)[0];
}

/** The same load on a server that refuses whatever comes. */
async function measureFloor(order: OpenLoad, times: number): Promise<Measured> {
  const child = fork(packageFile('dist/bench/overload-floor-main.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [port] = (await once(child, 'message')) as [number];
  try {
    const health = watchHealth(port);
    const result = await openLoad({ ...order, port });
    return measuredOf(order, times, result, health.stop());
  } finally {
    child.disconnect();
  }
}

function measuredOf(
  { perSecond, milliseconds }: OpenLoad,
  times: number,
  result: OpenLoadResult,
  health: HealthTimes,
): Measured {
  return { ...result, times, perSecond, seconds: milliseconds / 1000, healthP99: health.p99 };
}

function report(
  capacity: number,
  measured: readonly Measured[],
  floor: Measured,
  bodies: readonly LargeBodies[],
): BenchReport {
  const numbers: Record<string, number> = {
    ...{ capacity, 'floor.refusedP99': floor.refusedP99, 'floor.healthP99': floor.healthP99 },
    ...numbersOf(bodies),
  };
  const goodput = ({ inTime, seconds }: Measured): number => inTime / seconds;
  for (const row of measured) {
    numbers[`${row.times}x.goodput`] = goodput(row);
    numbers[`${row.times}x.refusedP99`] = row.refusedP99;
    numbers[`${row.times}x.healthP99`] = row.healthP99;
  }
  const most = measured.at(-1)!;
  const accepted = most.answered + most.timedOut;
  const kept = (100 * most.inTime) / accepted;
  const share = (100 * goodput(most)) / capacity;
  return {
    tables: [
      {
        title: `${size.name}, deadline ${deadlineMs} ms, capacity ${Math.round(capacity)} requests/s`,
        columns: [
          ...['load', 'offered/s', 'accepted', 'refused', 'answered in time', 'late or given up', 'failed'],
          ...['goodput/s', 'answers p99 ms', 'refusals p99 ms', 'health p99 ms'],
          ...['sent late p99 ms', 'generator, of a processor'],
        ],
        rows: [...measured, floor].map((row) => [
          row === floor ? `${row.times}x, floor` : `${row.times}x`,
          Math.round(row.perSecond),
          row.answered + row.timedOut,
          row.refused,
          row.inTime,
          row.answered - row.inTime + row.timedOut,
          row.failed,
          Math.round(goodput(row)),
          round(row.answeredP99),
          round(row.refusedP99),
          round(row.healthP99),
          round(row.sentLateP99),
          round(row.processorShare),
        ]),
      },
      tableOf(bodies),
    ],
    numbers,
    targets: [
      {
        name: 'accepted and answered in time at 3x',
        limit: '>= 99 %',
        measured: `${round(kept)} %`,
        pass: kept >= 99,
      },
      {
        name: 'goodput at 3x, of the capacity',
        limit: '>= 80 %',
        measured: `${round(share)} %`,
        pass: share >= 80,
      },
      {
        name: 'p99 of refusals at 3x',
        limit: '<= 50 ms',
        measured: `${round(most.refusedP99)} ms`,
        pass: most.refusedP99 <= 50,
      },
      {
        name: 'p99 of health at 3x',
        limit: '< 50 ms',
        measured: `${round(most.healthP99)} ms`,
        pass: most.healthP99 < 50,
      },
      ...targetsOf(bodies),
    ],
  };
}
