/** Starts a server that does no more than to run a model for whoever asks, many in a run: the floor of what serving costs on one machine. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { packageFile } from '../libraries/package-files/index.ts';
import type { SentTensor } from './raw-session.ts';

export interface BareServerOrder {
  readonly protocol: 'http' | 'grpc';
  readonly path: string;
  /** What each run is given. */
  readonly inputs: readonly SentTensor[];
  /** So many share a run, or all that are connected where they are fewer. */
  readonly requests: number;
}

export interface BareServer {
  readonly port: number;
  /** From now on: until then it answers at once, so that its code can be compiled by many requests. */
  run(): void;
  stop(): void;
}

export async function startBareServer(order: BareServerOrder): Promise<BareServer> {
  const child = fork(packageFile('dist/bench/bare-server-main.js'), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  child.send(order);
  const [port] = (await once(child, 'message')) as [number];
  return { port, run: () => child.send('run'), stop: () => child.disconnect() };
}
