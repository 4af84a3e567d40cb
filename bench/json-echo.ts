/** Starts a server that sends back what it is sent, as JSON or over gRPC: what a Node server costs that does nothing. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { packageFile } from '../libraries/package-files/index.ts';

export interface EchoServer {
  readonly port: number;
  /** Seconds of processor time that it took so far. */
  cpuSeconds(): Promise<number>;
  stop(): void;
}

export async function startEcho(protocol: 'json' | 'grpc' = 'json'): Promise<EchoServer> {
  const child = fork(packageFile(`dist/bench/${protocol}-echo-main.js`));
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
