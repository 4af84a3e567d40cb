/** `npm run bench -- <name> [--json FILE] [--quick] [--only PREFIX]`: runs one benchmark and prints its tables. */
import { writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { drift } from './drift.ts';
import { history } from './history.ts';
import { performance } from './performance.ts';
import { predictions } from './predictions.ts';
import { proposals } from './proposals.ts';
import { registry } from './registry.ts';
import type { Bench } from './report.ts';
import { formatReport } from './report.ts';
import { rollout } from './rollout.ts';
import { serving } from './serving.ts';
import { statistics } from './statistics.ts';
import { swap } from './swap.ts';

const benches: readonly Bench[] = [
  registry,
  serving,
  swap,
  history,
  proposals,
  rollout,
  statistics,
  predictions,
  drift,
  performance,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'string' },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
  },
});
const bench = benches.find(({ name }) => name === positionals[0]);
if (bench === undefined) {
  const list = benches.map(({ name, description }) => `  ${name.padEnd(11)} ${description}`).join('\n');
  process.stderr.write(`npm run bench -- <name> [--json FILE] [--quick] [--only PREFIX]\n\n${list}\n`);
  process.exit(2);
}

const machine = `${cpus().length} x ${cpus()[0]?.model ?? 'processor'}, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}`;
process.stderr.write(`${bench.name}: ${bench.description}\n${machine}\n`);
const report = await bench.run({
  quick: values.quick,
  only: values.only,
  progress: (text) => process.stderr.write(`  ${text}\n`),
});
process.stdout.write(`\n${formatReport(report)}\n`);
if (values.json !== undefined) {
  const facts = { bench: bench.name, at: new Date().toISOString(), machine, quick: values.quick };
  writeFileSync(values.json, `${JSON.stringify({ ...facts, ...report }, undefined, 2)}\n`);
}
