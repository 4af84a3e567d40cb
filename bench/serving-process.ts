/** An inference process to measure, with this program as its control plane. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { packageFile } from '../libraries/package-files/index.ts';
import type { Ask } from '../plugins/serving/dataplane/interface/asks.ts';
import { Claims } from '../plugins/serving/dataplane/interface/claims.ts';
import { readLines } from '../plugins/serving/dataplane/interface/lines.ts';
import type { Report, ToControl } from '../plugins/serving/dataplane/interface/messages.ts';
import { allocatorSettings, heapFlags } from '../plugins/serving/dataplane/interface/process-memory.ts';
import type {
  LogPlace,
  RoutingTable,
  ServedDeployment,
} from '../plugins/serving/dataplane/interface/routing-table.ts';

interface Ports {
  readonly port: number;
  readonly grpcPort?: number;
}

export class ServingProcess {
  readonly port: number;
  /** Where gRPC was asked for. */
  readonly grpcPort: number | undefined;
  readonly #child: ChildProcess;
  readonly #control: Server;
  readonly #socket: Socket;
  readonly #listeners = new Set<(report: Report) => void>();
  readonly #claims = new Claims();
  #revision = 0;

  private constructor(ports: Ports, child: ChildProcess, control: Server, socket: Socket) {
    this.port = ports.port;
    this.grpcPort = ports.grpcPort;
    this.#child = child;
    this.#control = control;
    this.#socket = socket;
    readLines(socket, (line) => {
      const message = JSON.parse(line) as ToControl;
      if (message.type === 'ask') this.#tell(message);
      if (message.type !== 'report') return;
      for (const listener of [...this.#listeners]) listener(message);
    });
  }

  /** `args` and `environment` are given to the process beside those it needs. */
  static async start(
    folder: string,
    args: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServingProcess> {
    const control = createServer();
    const path = join(folder, `control-${process.hrtime.bigint()}.sock`);
    await new Promise<void>((resolve) => control.listen(path, resolve));
    const connected = once(control, 'connection');
    const program = packageFile('dist/plugins/serving/dataplane/main.js');
    const child = spawn(
      process.execPath,
      [...heapFlags, program, '--port', '0', '--control', path, ...args],
      {
        env: { ...allocatorSettings, ...process.env, ...environment },
        stdio: ['ignore', 'pipe', 'ignore'],
      },
    );
    const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
    const [socket] = (await connected) as [Socket];
    return new ServingProcess(JSON.parse(line) as Ports, child, control, socket);
  }

  /** Answers about keys as control does. */
  #tell(ask: Ask): void {
    if (ask.what === 'settle') this.#claims.settle(ask.about.key, this, ask.about.answer);
    const told =
      ask.what === 'claim' ? this.#claims.claim(ask.about.key, ask.about.fingerprint, this) : undefined;
    this.#socket.write(`${JSON.stringify({ type: 'told', number: ask.number, answer: told })}\n`);
  }

  /** Publishes a table with this deployment alone, and resolves when the process answers with it. */
  route(deployment: ServedDeployment, predictionLog?: LogPlace): Promise<void> {
    return this.routeAll([deployment], predictionLog);
  }

  /** The same of several. */
  async routeAll(deployments: readonly ServedDeployment[], predictionLog?: LogPlace): Promise<void> {
    this.#revision++;
    const table: RoutingTable = {
      format: 1,
      revision: this.#revision,
      publishedAt: new Date().toISOString(),
      defaultEnvironment: deployments[0]!.environment,
      ...(predictionLog === undefined ? {} : { predictionLog }),
      deployments,
    };
    const routed = this.until((report) => {
      const failed = Object.values(report.versions).find(({ state }) => state === 'failed');
      if (failed !== undefined) throw new Error(`${failed.reason}: ${failed.message}`);
      return deployments.every(
        ({ environment, name, generation }) => report.routes[`${environment}/${name}`] === generation,
      );
    });
    this.#socket.write(`${JSON.stringify({ type: 'table', table })}\n`);
    await routed;
  }

  /** The next report that fits. */
  until(fits: (report: Report) => boolean): Promise<Report> {
    return new Promise((resolve, reject) => {
      const listener = (report: Report): void => {
        try {
          if (!fits(report)) return;
          resolve(report);
        } catch (error) {
          reject(error);
        }
        this.#listeners.delete(listener);
      };
      this.#listeners.add(listener);
    });
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGTERM');
    await ended;
    this.#socket.destroy();
    await new Promise((resolve) => this.#control.close(resolve));
  }
}

/** Answers that the report has counted, with those that were given again to a key. */
export function answersIn(report: Report): number {
  let answers = report.metrics.keyed?.replayed ?? 0;
  for (const { requests } of report.metrics.versions) {
    for (const count of Object.values(requests)) answers += count;
  }
  return answers;
}

/** Runs of the model that the report has counted, and the rows in them. */
export function runsIn(report: Report): { readonly runs: number; readonly rows: number } {
  let runs = 0;
  let rows = 0;
  for (const { batchRows } of report.metrics.versions) {
    for (const count of batchRows.counts) runs += count;
    rows += batchRows.sum;
  }
  return { runs, rows };
}
