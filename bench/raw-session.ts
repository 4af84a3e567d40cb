/** Runs a model in a bare loop in a process of its own: the floor that serving is measured against. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { packageFile } from '../libraries/package-files/index.ts';

/** A tensor as it travels to another process. */
export interface SentTensor {
  readonly name: string;
  readonly datatype: 'FP32' | 'INT64';
  readonly shape: readonly number[];
  /** Base64 of its elements. */
  readonly bytes: string;
}

export interface RawOrder {
  readonly path: string;
  readonly inputs: readonly SentTensor[];
  readonly milliseconds: number;
  /** Beside this program's. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface RawResult {
  readonly runs: number;
  /** Microseconds of processor time a run. */
  readonly cpuMicroseconds: number;
  /** Microseconds. */
  readonly p50: number;
  /** Microseconds of a run by the clock, on average. */
  readonly mean: number;
}

export async function runRaw({ environment, ...order }: RawOrder): Promise<RawResult> {
  const child = fork(packageFile('dist/bench/raw-session-main.js'), {
    env: { ...process.env, ...environment },
  });
  child.send(order);
  const [result] = (await once(child, 'message')) as [RawResult];
  child.disconnect();
  return result;
}

/** So many rows of a dense network's input. */
export function rowsOf(rows: number, inputs: number): readonly SentTensor[] {
  const bytes = Buffer.alloc(rows * inputs * 4).toString('base64');
  return [{ name: 'x', datatype: 'FP32', shape: [rows, inputs], bytes }];
}
