/** What it costs to log every prediction, against the same requests unlogged. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recordsInFile } from '../libraries/prediction-batch/index.ts';
import { type KeepingCost, measureKeeping } from './keeping-log.ts';
import { deploymentOf } from './models.ts';
import { type BenchReport, round } from './report.ts';
import { bestServed, measureServed, type PhaseOrder, type ServedPhase } from './serving-phase.ts';
import { ServingProcess } from './serving-process.ts';

export interface MeasuredLogging {
  readonly name: string;
  readonly off: ServedPhase;
  readonly on: ServedPhase;
  readonly logged: number;
  readonly dropped: number;
  /** In the process that keeps the log. */
  readonly kept: KeepingCost;
}

/** Unlogged and logged take turns, and the best round of each counts. */
export async function measureLogging(order: PhaseOrder): Promise<MeasuredLogging> {
  const { name, folder, rounds } = order;
  const inbox = join(folder, 'inbox');
  const keyFile = join(folder, 'log-key');
  mkdirSync(inbox, { recursive: true });
  writeFileSync(keyFile, 'ab'.repeat(32));
  const serving = await ServingProcess.start(folder);
  const off: ServedPhase[] = [];
  const on: ServedPhase[] = [];
  let logged = 0;
  let dropped = 0;
  let kept: KeepingCost | undefined;
  try {
    for (let round = 0; round < rounds; round++) {
      off.push(await measurePhase(serving, order, undefined));
      on.push(await measurePhase(serving, order, { inbox, keyFile }));
      await serving.until(({ metrics }) => {
        const { taken = 0, written = 0, dropped: lost = 0 } = metrics.predictionLog ?? {};
        return taken === written + lost;
      });
      for (const file of readdirSync(inbox)) logged += recordsInFile(file) ?? 0;
      kept ??= await measureKeeping(folder, inbox);
      for (const file of readdirSync(inbox)) rmSync(join(inbox, file));
    }
    dropped = (await serving.until(() => true)).metrics.predictionLog?.dropped ?? 0;
  } finally {
    await serving.stop();
  }
  if (kept === undefined) throw new Error('a bench without a round measures nothing');
  return { name, off: bestServed(off), on: bestServed(on), logged, dropped, kept };
}

async function measurePhase(
  serving: ServingProcess,
  { version, order, milliseconds }: PhaseOrder,
  place: { readonly inbox: string; readonly keyFile: string } | undefined,
): Promise<ServedPhase> {
  const deployment = deploymentOf([version], 32, place === undefined ? 1 : 2);
  const logging = { sample: 1, redact: [] };
  await serving.route(place === undefined ? deployment : { ...deployment, logging }, place);
  return measureServed(serving, order, milliseconds);
}

export function loggingTable(measured: readonly MeasuredLogging[]): {
  readonly table: BenchReport['tables'][number];
  readonly targets: BenchReport['targets'];
} {
  return {
    table: {
      title:
        'Every prediction logged, 32 connections: processor time in microseconds, p99 in milliseconds; the last two in the process of the log',
      columns: [
        'model',
        'cpu off',
        'cpu on',
        'on / off',
        'p99 off',
        'p99 on',
        'on / off',
        'logged',
        'dropped',
        'failed',
        'to keep one',
        'to profile 12 values of one',
      ],
      rows: measured.map(({ name, off, on, logged, dropped, kept }) => [
        name,
        round(off.cpu),
        round(on.cpu),
        round(on.cpu / off.cpu),
        round(off.p99),
        round(on.p99),
        round(on.p99 / off.p99),
        logged,
        dropped,
        off.failed + on.failed,
        round(kept.keeping),
        round(kept.profiling),
      ]),
    },
    targets: measured.flatMap(({ name, off, on }) => [
      {
        name: `${name}: processor time logged against unlogged`,
        limit: '<= 1.25x',
        measured: `${round(on.cpu / off.cpu)}x`,
        pass: on.cpu / off.cpu <= 1.25,
      },
      {
        name: `${name}: p99 logged against unlogged`,
        limit: '<= 1.3x',
        measured: `${round(on.p99 / off.p99)}x`,
        pass: on.p99 / off.p99 <= 1.3,
      },
    ]),
  };
}
