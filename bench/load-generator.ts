/** Starts the load generator, a program of its own, and gives what it measured. */
import { type ChildProcess, type ForkOptions, fork } from 'node:child_process';
import { once } from 'node:events';
import { packageFile } from '../libraries/package-files/index.ts';

export interface LoadOrder {
  readonly port: number;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Base64 of the body of every request. */
  readonly body: string;
  /** An `Idempotency-Key` with each request: a new one, or always that one. Over HTTP alone. */
  readonly keys?: 'new' | { readonly always: string };
  /** How the body travels; gRPC has a message there, and no headers. */
  readonly protocol?: 'http' | 'grpc';
  /** Connections, each of which asks again as soon as it has its answer. */
  readonly connections: number;
  /** Between an answer and the next request of a connection, on average. */
  readonly pauseMs?: number;
  /** Until it is told to stop, where absent. */
  readonly milliseconds?: number;
  /** What the JSON answer of a version must hold: `"data":[1` for version `1.0.0`. */
  readonly expected?: 'version' | 'any';
}

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  /** Processor time that the generator itself took for a request. */
  readonly cpuMicroseconds: number;
  /** Answers other than 200, and connections that broke. */
  readonly failed: number;
  /** Answers whose content is not that of the version that they name. */
  readonly wrong: number;
  readonly firstProblem: string | undefined;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface RunningLoad {
  /** Ends it where it has no end of its own, and gives what it measured. */
  finish(): Promise<LoadResult>;
}

/** A generator that is asked again and again: what it runs is compiled by then, which a fresh one does while it measures. */
export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #ended: Promise<never>;

  /** `processors`: the only ones that it runs on, as a mask. */
  constructor(processors?: bigint) {
    const placed = processors === undefined ? {} : placedOn(processors);
    this.#child = fork(packageFile('dist/bench/load-main.js'), {
      ...placed,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#ended = once(this.#child, 'exit').then(([status]) => {
      throw new Error(`the load generator ended with ${status}`);
    });
    this.#ended.catch(() => {});
  }

  /** One order after the other. */
  begin(order: LoadOrder): RunningLoad {
    const result = Promise.race([once(this.#child, 'message') as Promise<[LoadResult]>, this.#ended]);
    result.catch(() => {});
    this.#child.send(order);
    return {
      finish: async () => {
        if (order.milliseconds === undefined) this.#child.send('stop');
        const [measured] = await result;
        return measured;
      },
    };
  }

  run(order: LoadOrder & { readonly milliseconds: number }): Promise<LoadResult> {
    return this.begin(order).finish();
  }

  close(): void {
    this.#child.disconnect();
  }
}

/** From its first instruction on, with all threads that V8 starts. */
function placedOn(processors: bigint): ForkOptions {
  return { execPath: 'taskset', execArgv: [processors.toString(16), process.execPath] };
}

export async function startLoad(order: LoadOrder): Promise<RunningLoad> {
  const generator = new LoadGenerator();
  const running = generator.begin(order);
  return {
    async finish() {
      const measured = await running.finish();
      generator.close();
      return measured;
    },
  };
}

export async function runLoad(order: LoadOrder & { readonly milliseconds: number }): Promise<LoadResult> {
  return (await startLoad(order)).finish();
}
