/** Starts a server that parses JSON and writes it back: what a Node server costs that does nothing. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { packageFile } from '../libraries/package-files/index.ts';

export interface EchoServer {
  readonly port: number;
  /** Seconds of processor time that it took so far. */
  cpuSeconds(): Promise<number>;
  stop(): void;
}

export async function startEcho(): Promise<EchoServer> {
  const child = fork(packageFile('dist/bench/json-echo-main.js'));
  const [port] = (await once(child, 'message')) as [number];
  return {
    port,
    async cpuSeconds() {
      child.send('cpu');
      const [seconds] = (await once(child, 'message')) as [number];
      return seconds;
    },
    stop: () => child.disconnect(),
  };
}
