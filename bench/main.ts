/** `npm run bench -- <name> [--json FILE] [--quick] [--only PREFIX]`: runs one benchmark and prints its tables. */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { drift } from './drift.ts';
import { history } from './history.ts';
import { neighbours } from './neighbours.ts';
import { overload } from './overload.ts';
import { performance } from './performance.ts';
import { predictions } from './predictions.ts';
import { proposals } from './proposals.ts';
import { registry } from './registry.ts';
import type { Bench } from './report.ts';
import { formatReport } from './report.ts';
import { rollout } from './rollout.ts';
import { serving } from './serving.ts';
import { servingGrid } from './serving-grid.ts';
import { soak } from './soak.ts';
import { statistics } from './statistics.ts';
import { swap } from './swap.ts';
import { watching } from './watching.ts';

const benches: readonly Bench[] = [
  registry,
  serving,
  servingGrid,
  swap,
  neighbours,
  overload,
  history,
  proposals,
  rollout,
  statistics,
  predictions,
  soak,
  drift,
  performance,
  watching,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    reloads: { type: 'string' },
    requests: { type: 'string' },
  },
});
const bench = benches.find(({ name }) => name === positionals[0]);
if (bench === undefined) {
  const list = benches.map(({ name, description }) => `  ${name.padEnd(12)} ${description}`).join('\n');
  process.stderr.write(`npm run bench -- <name> [--json FILE] [--quick] [--only PREFIX]\n\n${list}\n`);
  process.exit(2);
}

function amount(option: 'reloads' | 'requests'): number | undefined {
  const text = values[option];
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,9}$/.test(text)) return Number(text);
  process.stderr.write(`--${option} must be a whole number from 1 on, is ${text}\n`);
  return process.exit(2);
}

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
process.stderr.write(`${bench.name}: ${bench.description}\n${machine}\n`);
const report = await bench.run({
  quick: values.quick,
  only: values.only,
  reloads: amount('reloads'),
  requests: amount('requests'),
  progress: (text) => process.stderr.write(`  ${text}\n`),
});
process.stdout.write(`\n${formatReport(report)}\n`);
if (values.json !== undefined) {
  const facts = { bench: bench.name, at: new Date().toISOString(), machine, quick: values.quick };
  writeFileSync(values.json, `${JSON.stringify({ ...facts, ...report }, undefined, 2)}\n`);
}
