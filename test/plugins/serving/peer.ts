/** An inference process' side of the control socket, spoken by hand. */
import { connect, type Socket } from 'node:net';
import { readLines } from '../../../plugins/serving/dataplane/interface/lines.ts';
import type {
  Report,
  ToProcess,
  VersionReport,
} from '../../../plugins/serving/dataplane/interface/messages.ts';
import {
  deploymentKey,
  type RoutingTable,
  versionKey,
} from '../../../plugins/serving/dataplane/interface/routing-table.ts';
import { until } from '../../fixtures/until.ts';

export class Peer {
  readonly id: string;
  /** All tables that came, in order. */
  readonly tables: RoutingTable[] = [];
  /** What it holds; a test changes it and calls `report`. */
  versions: Record<string, VersionReport> = {};
  routes: Record<string, string> = {};
  arms: Record<string, Record<string, number>> | undefined;
  leaving: Report['leaving'];
  revision = 0;
  /** Follows each table at once, with every version ready. */
  isEager = false;
  readonly #socket: Socket;
  readonly pid: number;

  private constructor(id: string, socket: Socket, pid: number) {
    this.id = id;
    this.#socket = socket;
    this.pid = pid;
  }

  static async connect(
    path: string,
    id: string,
    setUp: (peer: Peer) => void = () => {},
    pid = ++nextPid,
  ): Promise<Peer> {
    const socket = connect(path);
    await new Promise<void>((settle, reject) => {
      socket.once('connect', settle);
      socket.once('error', reject);
    });
    socket.on('error', () => {});
    const peer = new Peer(id, socket, pid);
    setUp(peer);
    readLines(socket, (line) => {
      const message = JSON.parse(line) as ToProcess;
      if (message.type !== 'table') return;
      peer.tables.push(message.table);
      if (peer.isEager) peer.follow(message.table);
    });
    peer.#send({ type: 'hello', id, pid: peer.pid, startedAt: new Date().toISOString() });
    peer.report();
    return peer;
  }

  /** One that answers every table with: all of it is ready. */
  static eager(path: string, id: string): Promise<Peer> {
    return Peer.connect(path, id, (peer) => {
      peer.isEager = true;
    });
  }

  get table(): RoutingTable | undefined {
    return this.tables.at(-1);
  }

  get isClosed(): boolean {
    return this.#socket.destroyed;
  }

  /** Waits for a table of which something holds. */
  async tableWhere(condition: (table: RoutingTable) => boolean): Promise<RoutingTable> {
    await until(() => this.table !== undefined && condition(this.table), { what: condition.toString() });
    return this.table as RoutingTable;
  }

  /** Holds all that the table pins, and answers as it says. */
  follow(table: RoutingTable): void {
    this.adopt(table);
    this.report();
  }

  /** The same, without telling yet. */
  adopt(table: RoutingTable): void {
    this.hold(table, 'ready');
    this.routes = Object.fromEntries(
      table.deployments.map((entry) => [deploymentKey(entry), entry.generation]),
    );
  }

  /** Holds all that the table pins in that state, without answering yet. */
  hold(table: RoutingTable, state: VersionReport['state'], more: Partial<VersionReport> = {}): void {
    this.revision = table.revision;
    this.versions = {};
    for (const entry of table.deployments) {
      for (const { version, digest } of entry.versions) {
        const before = { state, digest, reason: state, message: `is ${state}`, ...more };
        this.versions[versionKey(entry, version)] = before;
      }
    }
  }

  report(): void {
    const report: Report = {
      type: 'report',
      id: this.id,
      pid: this.pid,
      revision: this.revision,
      versions: this.versions,
      routes: this.routes,
      ...(this.arms === undefined ? {} : { arms: this.arms }),
      leaving: this.leaving,
      workerProcessors: 3,
      ready: true,
      at: new Date().toISOString(),
      metrics: {
        versions: [
          {
            environment: 'production',
            deployment: 'bird-strike',
            version: '1.0.0',
            requests: { 200: 7 },
            seconds: { bounds: [0.1, 1], counts: [5, 1, 1], sum: 3.5 },
            batchRows: { bounds: [1], counts: [3, 2], sum: 11 },
            nanAnswers: 0,
            scores: [],
            distances: { bounds: [1], counts: [0, 0], sum: 0 },
          },
        ],
        otherRequests: { 404: 2 },
        waiting: { 'production/bird-strike/1.0.0': 4 },
        loads: 1,
        loadFailures: 0,
        workerRestarts: 0,
        connections: 3,
        rssBytes: 1000,
        cpuSeconds: 0.5,
      },
    };
    this.#send(report);
  }

  sendLine(line: string): void {
    this.#socket.write(`${line}\n`);
  }

  /** As if the process was killed. */
  kill(): void {
    this.#socket.destroy();
  }

  #send(message: object): void {
    this.#socket.write(`${JSON.stringify(message)}\n`);
  }
}

let nextPid = 100_000;
