/** Runs a model in a bare loop in a process of its own: the floor that serving is measured against. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { packageFile } from '../libraries/package-files/index.ts';

export interface RawOrder {
  readonly path: string;
  readonly inputs: number;
  readonly rows: number;
  readonly milliseconds: number;
}

export interface RawResult {
  readonly runs: number;
  /** Microseconds of processor time a run. */
  readonly cpuMicroseconds: number;
  /** Microseconds. */
  readonly p50: number;
}

export async function runRaw(order: RawOrder): Promise<RawResult> {
  const child = fork(packageFile('dist/bench/raw-session-main.js'));
  child.send(order);
  const [result] = (await once(child, 'message')) as [RawResult];
  child.disconnect();
  return result;
}
