/** Reading registries: cold, warm, and one changed file, against what no reader can do without. */
import { execFileSync, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openRepository } from '../libraries/git/open-repository.ts';
import { packageFile } from '../libraries/package-files/index.ts';
import {
  deploymentManifest,
  type MadeDeployment,
  type MadeRegistry,
  makeRegistry,
} from './registry-files.ts';
import type { RegistryFigures, RegistryOrder } from './registry-main.ts';
import { type Bench, type BenchOptions, type BenchReport, type BenchTarget, round } from './report.ts';

export const registry: Bench = {
  name: 'registry',
  description: 'reading registries of 100, 1,000 and 10,000 manifests: cold, warm, and one changed file',
  run,
};

interface Measured {
  readonly size: number;
  readonly manifests: number;
  readonly floor: RegistryFigures;
  readonly cold: RegistryFigures;
  readonly warm: RegistryFigures;
  readonly coldKernel: RegistryFigures;
  readonly kernel: RegistryFigures;
}

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    const measured: Measured[] = [];
    for (const size of options.quick ? [100, 1_000] : [100, 1_000, 10_000]) {
      measured.push(await measure(size, join(folder, String(size)), options));
    }
    return report(measured);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measure(size: number, folder: string, options: BenchOptions): Promise<Measured> {
  options.progress(`${size} manifests: making them`);
  const made = await makeRegistry(join(folder, 'registry.git'), size);
  const [first = '', ...next] = await oneFileCommits(made, options.quick ? 30 : 150);
  const order = { repository: made.folder, commit: first, next: [], state: join(folder, 'snapshot') };
  options.progress(`${size} manifests: reading them`);
  const floor = await child({ ...order, what: 'floor' });
  const cold = await child({ ...order, what: 'snapshot' });
  const warm = await best(options, () => child({ ...order, what: 'snapshot' }));
  options.progress(`${size} manifests: running a kernel on them`);
  const state = join(folder, 'kernel');
  const coldKernel = await child({ ...order, what: 'kernel', state });
  options.progress(`${size} manifests: following ${next.length} commits of one file`);
  const kernel = await child({ ...order, what: 'kernel', state, next });
  return { size, manifests: made.manifests, floor, cold, warm, coldKernel, kernel };
}

/** A start is short and the machine shared: the quickest of three is the least disturbed. */
async function best(options: BenchOptions, start: () => Promise<RegistryFigures>): Promise<RegistryFigures> {
  const runs: RegistryFigures[] = [];
  for (let count = 0; count < (options.quick ? 1 : 3); count += 1) runs.push(await start());
  return runs.sort((a, b) => a.start - b.start)[0] as RegistryFigures;
}

/** The commit that main names, and commits on top of it that promote one deployment each. Main does not move. */
async function oneFileCommits({ folder, deployments }: MadeRegistry, count: number): Promise<string[]> {
  const reference = 'refs/heads/prepared';
  execFileSync('git', ['update-ref', reference, 'refs/heads/main'], { cwd: folder });
  const repository = await openRepository(folder);
  let head = (await repository.resolve(reference)) as string;
  const commits = [head];
  for (let index = 0; index < count; index += 1) {
    const { path, model, environment } = deployments[(index * 7_919) % deployments.length] as MadeDeployment;
    const version = `1.${1 + (Math.floor(index / deployments.length) % 5)}.0`;
    head = await repository.write({
      reference,
      expected: head,
      message: `Promote ${model}`,
      author: { name: 'Bench', email: 'bench@example.com' },
      changes: new Map([[path, deploymentManifest(model, environment, version)]]),
    });
    commits.push(head);
  }
  await repository.close();
  return commits;
}

async function child(order: RegistryOrder): Promise<RegistryFigures> {
  const process = fork(packageFile('dist/bench/registry-main.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const answer = Promise.race([
    once(process, 'message') as Promise<[RegistryFigures]>,
    once(process, 'exit').then(([status]) => {
      throw new Error(`the measured process ended with ${status}`);
    }),
  ]);
  answer.catch(() => {});
  process.send(order);
  const [figures] = await answer;
  if (process.exitCode === null) await once(process, 'exit');
  return figures;
}

function report(measured: readonly Measured[]): BenchReport {
  const numbers: Record<string, number> = {};
  for (const { size, floor, cold, warm, coldKernel, kernel } of measured) {
    Object.assign(numbers, {
      [`${size}.floor.parsing.ms`]: floor.parsing,
      [`${size}.cold.ms`]: cold.start,
      [`${size}.cached.ms`]: warm.cached,
      [`${size}.warm.ms`]: warm.start,
      [`${size}.kernel.cold.ms`]: coldKernel.start,
      [`${size}.kernel.warm.ms`]: kernel.start,
      [`${size}.kernel.resident.bytes`]: kernel.resident,
      [`${size}.kernel.heap.bytes`]: kernel.heap,
      [`${size}.floor.p50.ms`]: at(kernel.floor, 0.5),
      [`${size}.floor.p99.ms`]: at(kernel.floor, 0.99),
      [`${size}.applied.p50.ms`]: at(kernel.applied, 0.5),
      [`${size}.reconciled.p50.ms`]: at(kernel.reconciled, 0.5),
      [`${size}.reconciled.p99.ms`]: at(kernel.reconciled, 0.99),
    });
  }
  return {
    tables: [
      {
        title: 'Starting (milliseconds)',
        columns: [
          'manifests',
          'floor: read all',
          'floor: parse all',
          'from the cache',
          'cache / parse',
          'cold snapshot',
          'warm snapshot',
          'warm / parse',
          'cold kernel',
          'warm kernel',
        ],
        rows: measured.map(({ manifests, floor, cold, warm, coldKernel, kernel }) => [
          manifests,
          round(floor.start - floor.parsing),
          round(floor.parsing),
          round(warm.cached),
          round(warm.cached / floor.parsing),
          round(cold.start),
          round(warm.start),
          round(warm.start / floor.parsing),
          round(coldKernel.start),
          round(kernel.start),
        ]),
      },
      {
        title: 'One changed file, from the moved ref (milliseconds)',
        columns: [
          'manifests',
          'commits',
          'floor p50',
          'floor p99',
          'applied p50',
          'reconciled p50',
          'reconciled p99',
          'reconciled / floor',
        ],
        rows: measured.map(({ manifests, kernel: { floor, applied, reconciled } }) => [
          manifests,
          reconciled.length,
          round(at(floor, 0.5)),
          round(at(floor, 0.99)),
          round(at(applied, 0.5)),
          round(at(reconciled, 0.5)),
          round(at(reconciled, 0.99)),
          round(at(reconciled, 0.5) / at(floor, 0.5)),
        ]),
      },
      {
        title: 'Memory of the kernel, its manifests read (MB)',
        columns: ['manifests', 'heap', 'resident'],
        rows: measured.map(({ manifests, kernel }) => [
          manifests,
          round(kernel.heap / 1e6),
          round(kernel.resident / 1e6),
        ]),
      },
    ],
    numbers,
    targets: targetsOf(measured),
  };
}

function targetsOf(measured: readonly Measured[]): BenchTarget[] {
  const largest = measured.at(-1) as Measured;
  const smaller = measured.at(-2) as Measured;
  const times = (name: string, limit: number, value: number): BenchTarget => ({
    name,
    limit: `<= ${limit}x`,
    measured: `${round(value)}x`,
    pass: value <= limit,
  });
  const reconciled = ({ kernel }: Measured) => at(kernel.reconciled, 0.5);
  const { size, floor, warm, kernel } = largest;
  return [
    times(`${size} manifests from the cache, against parsing them`, 0.1, warm.cached / floor.parsing),
    times(`warm start of ${size}, against parsing them`, 0.1, warm.start / floor.parsing),
    times(
      `one file of ${size} reconciled, against the floor`,
      2,
      reconciled(largest) / at(kernel.floor, 0.5),
    ),
    times(
      `one file of ${size}, against one of ${smaller.size}`,
      2,
      reconciled(largest) / reconciled(smaller),
    ),
  ];
}

function at(milliseconds: readonly number[], share: number): number {
  const sorted = [...milliseconds].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
