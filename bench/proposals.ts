/** Proposals: the embedded forge when it is full and when many propose at once, and the plan of a one-line change. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedForge } from './proposals-forge.ts';
import { planOfOneLine } from './proposals-plan.ts';
import type { Bench, BenchOptions, BenchReport } from './report.ts';

export const proposals: Bench = {
  name: 'proposals',
  description:
    'the embedded forge with 1,000 proposals and 100,000 events, 50 proposers at once, and the plan of one line',
  run,
};

/** Each measures one thing in a folder of its own. */
const parts: readonly ((folder: string, options: BenchOptions) => Promise<BenchReport>)[] = [
  embeddedForge,
  planOfOneLine,
];

async function run(options: BenchOptions): Promise<BenchReport> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-bench-'));
  try {
    const reports: BenchReport[] = [];
    for (const [index, part] of parts.entries())
      reports.push(await part(join(folder, String(index)), options));
    return {
      tables: reports.flatMap(({ tables }) => tables),
      numbers: Object.assign({}, ...reports.map(({ numbers }) => numbers)) as Record<string, number>,
      targets: reports.flatMap(({ targets }) => targets),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
