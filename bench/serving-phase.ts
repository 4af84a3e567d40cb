/** What one stretch of load costs an inference process that is routed already. */
import type { PinnedVersion } from '../plugins/serving/dataplane/interface/routing-table.ts';
import { type LoadOrder, runLoad, startLoad } from './load-generator.ts';
import { answersIn, type ServingProcess } from './serving-process.ts';

/** A version to be measured with something on and off. */
export interface PhaseOrder {
  readonly name: string;
  readonly folder: string;
  readonly version: PinnedVersion;
  readonly order: Omit<LoadOrder, 'port' | 'connections'>;
  readonly rounds: number;
  readonly milliseconds: number;
}

export interface ServedPhase {
  /** Microseconds of processor time an inference. */
  readonly cpu: number;
  /** Milliseconds. */
  readonly p99: number;
  readonly failed: number;
}

export async function measureServed(
  serving: ServingProcess,
  order: Omit<LoadOrder, 'port' | 'connections'>,
  milliseconds: number,
): Promise<ServedPhase> {
  const target = { ...order, port: serving.port, connections: 32 };
  await runLoad({ ...target, milliseconds: 500 });
  const load = await startLoad(target);
  const first = await serving.until(() => true);
  const enough = Date.now() + milliseconds;
  const last = await serving.until(({ at }) => Date.parse(at) >= enough);
  const many = await load.finish();
  const cpu = last.metrics.cpuSeconds - first.metrics.cpuSeconds;
  return {
    cpu: (cpu * 1e6) / (answersIn(last) - answersIn(first)),
    p99: many.p99,
    failed: many.failed + many.wrong,
  };
}

/** The best of each: what else the machine does only ever slows down. */
export function bestServed(phases: readonly ServedPhase[]): ServedPhase {
  return {
    cpu: Math.min(...phases.map(({ cpu }) => cpu)),
    p99: Math.min(...phases.map(({ p99 }) => p99)),
    failed: phases.reduce((sum, { failed }) => sum + failed, 0),
  };
}
