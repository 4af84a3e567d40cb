import { runLoad } from './load-generator.ts';
import { deploymentOf } from './models.ts';
import { type BenchReport, round } from './report.ts';
import { bestServed, measureServed, type PhaseOrder, type ServedPhase } from './serving-phase.ts';
import { ServingProcess } from './serving-process.ts';

interface Keyed extends ServedPhase {
  /** Milliseconds, of one connection. */
  readonly alone: number;
}

export interface MeasuredKeyed {
  readonly name: string;
  readonly off: Keyed;
  readonly first: Keyed;
  readonly replayed: Keyed;
}

/** They take turns in one process, and the best round of each counts. */
export async function measureKeyed(asked: PhaseOrder): Promise<MeasuredKeyed> {
  const { name, folder, version, order, rounds, milliseconds } = asked;
  const serving = await ServingProcess.start(folder);
  const phases: Keyed[][] = [[], [], []];
  try {
    await serving.route(deploymentOf([version], 32, 1));
    for (let round = 0; round < rounds; round++) {
      // One of its own: a process forgets keys, and would ask control for the answer of the round before.
      const always = `round-${round}-`.padEnd(36, '0');
      for (const [index, keys] of ([undefined, 'new', { always }] as const).entries()) {
        const keyed = keys === undefined ? order : { ...order, keys };
        // Of many that come with one key at once, all but one would be told to come again.
        const alone = await runLoad({ ...keyed, port: serving.port, connections: 1, milliseconds });
        const many = await measureServed(serving, keyed, milliseconds);
        phases[index]!.push({ ...many, failed: many.failed + alone.failed, alone: alone.p50 });
      }
    }
  } finally {
    await serving.stop();
  }
  const [off, first, replayed] = phases.map((rounds) => ({
    ...bestServed(rounds),
    alone: Math.min(...rounds.map(({ alone }) => alone)),
  })) as [Keyed, Keyed, Keyed];
  return { name, off, first, replayed };
}

export function keyedTable(measured: readonly MeasuredKeyed[]): BenchReport['tables'][number] {
  return {
    title:
      'Requests with an Idempotency-Key: processor time in microseconds at 32 connections, p50 in milliseconds at one',
    columns: [
      'model',
      'cpu without',
      'cpu of a new key',
      'cpu of one answered before',
      'new - without',
      'p50 without',
      'p50 of a new key',
      'p50 of one answered before',
      'failed',
    ],
    rows: measured.map(({ name, off, first, replayed }) => [
      name,
      round(off.cpu),
      round(first.cpu),
      round(replayed.cpu),
      round(first.cpu - off.cpu),
      round(off.alone),
      round(first.alone),
      round(replayed.alone),
      off.failed + first.failed + replayed.failed,
    ]),
  };
}
