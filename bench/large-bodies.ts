/** Whether a server says that it lives while it reads nothing but large bodies of JSON, all that it can. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type HealthTimes, watchHealth } from './health-watch.ts';
import { type LoadResult, runLoad } from './load-generator.ts';
import { deploymentOf, writeVersion } from './models.ts';
import { type BenchOptions, type BenchTable, type BenchTarget, round } from './report.ts';
import { ServingProcess } from './serving-process.ts';

export interface LargeBodies {
  readonly floats: number;
  readonly bytes: number;
  readonly load: LoadResult;
  readonly health: HealthTimes;
}

/** The last are as many as an image of 224 x 224 has. */
const sizes = [784, 40_000, 150_528] as const;
const connections = 64;
const limit = 50;

export async function measureLargeBodies({ quick, progress }: BenchOptions): Promise<LargeBodies[]> {
  const measured: LargeBodies[] = [];
  for (const floats of sizes) {
    measured.push(await measure(floats, quick ? 2_000 : 8_000));
    progress(`bodies of ${floats} floats`);
  }
  return measured;
}

/** The model does next to nothing: what takes time is reading. */
async function measure(floats: number, milliseconds: number): Promise<LargeBodies> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  const serving = await ServingProcess.start(folder);
  try {
    const version = writeVersion(folder, { name: 'wide', inputs: floats, hidden: [4], outputs: 10 }, 1);
    await serving.route(deploymentOf([version], 32, 1));
    const data = Array.from({ length: floats }, (_, index) => ((index * 7919) % 100_000) / 1e5);
    const body = Buffer.from(
      JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, floats], data }] }),
    );
    const order = {
      ...{ port: serving.port, path: '/v2/models/bench/infer', body: body.toString('base64'), connections },
      headers: { 'content-type': 'application/json' },
      expected: 'any' as const,
    };
    await runLoad({ ...order, milliseconds: 1_000 });
    const health = watchHealth(serving.port);
    const load = await runLoad({ ...order, milliseconds });
    return { floats, bytes: body.length, load, health: health.stop() };
  } finally {
    await serving.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

export function tableOf(measured: readonly LargeBodies[]): BenchTable {
  return {
    title: `bodies of JSON, one after the other on each of ${connections} connections`,
    columns: ['floats', 'KB', 'requests/s', 'failed', 'answers p99 ms', 'health p50 ms', 'health p99 ms'],
    rows: measured.map(({ floats, bytes, load, health }) => [
      floats,
      Math.round(bytes / 1000),
      Math.round(load.requests / load.seconds),
      load.failed,
      round(load.p99),
      round(health.p50),
      round(health.p99),
    ]),
  };
}

export function targetsOf(measured: readonly LargeBodies[]): BenchTarget[] {
  return measured.map(({ floats, health }) => ({
    name: `p99 of health beside bodies of ${floats} floats`,
    limit: `< ${limit} ms`,
    measured: `${round(health.p99)} ms`,
    pass: health.p99 < limit,
  }));
}

export function numbersOf(measured: readonly LargeBodies[]): Record<string, number> {
  return Object.fromEntries(measured.map(({ floats, health }) => [`bodies.${floats}.healthP99`, health.p99]));
}
