/** A whole platform in processes of its own: supervisor, a control process that serves what a file says, inference. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type {
  DesiredServing,
  ServingStatus,
  VersionToServe,
} from '../../../core/capabilities/serving-runtime.ts';
import { configurationFor } from '../../fixtures/configuration.ts';
import { until } from '../../fixtures/until.ts';
import { versionResource } from '../../plugins/artifacts/resource.ts';
import { type BuiltModel, linearModel } from '../../plugins/serving/dataplane/fixtures/models.ts';

const fixture = (name: string) => fileURLToPath(new URL(`./fixtures/${name}`, import.meta.url));

export interface PlatformOptions {
  readonly processes?: number;
  readonly port?: number;
  /** Takes a port for gRPC, too. */
  readonly grpcPort?: number;
  readonly host?: string;
  readonly dataFolder?: string;
  readonly programs?: { readonly control?: string; readonly inference?: string };
  readonly drainTimeoutMs?: number;
  readonly environment?: Readonly<Record<string, string>>;
}

export interface Event {
  readonly type: string;
  readonly inference?: string;
  readonly grpc?: string;
  readonly status?: number;
  readonly code?: string;
  readonly message?: string;
  readonly where?: string;
  readonly hint?: string;
}

export interface StatusFile {
  readonly pid: number;
  readonly deployments: Readonly<Record<string, ServingStatus>>;
  readonly processes: readonly {
    readonly id: string;
    readonly pid: number;
    readonly state: string;
    readonly ready?: boolean;
  }[];
}

export class Platform {
  readonly folder: string;
  readonly dataFolder: string;
  readonly events: Event[] = [];
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  readonly #options: PlatformOptions;
  #process: ChildProcess | undefined;
  #ended: Promise<number | NodeJS.Signals | null> = Promise.resolve(null);

  constructor(options: PlatformOptions = {}) {
    this.folder = mkdtempSync(join(tmpdir(), 'switchyard-up-'));
    this.dataFolder = options.dataFolder ?? join(this.folder, 'data');
    mkdirSync(join(this.dataFolder, 'blobs'), { recursive: true });
    this.#options = options;
  }

  /** Starts the supervisor and gives back at once. */
  spawn(): void {
    const {
      processes = 2,
      port = 0,
      grpcPort,
      host = '127.0.0.1',
      programs,
      drainTimeoutMs = 10_000,
      environment,
    } = this.#options;
    const configuration = configurationFor({
      repository: this.folder,
      dataFolder: this.dataFolder,
      host,
      inferencePort: port,
      ...(grpcPort === undefined ? {} : { grpcPort }),
      processes,
      log: { level: 'info', format: 'json', requests: 'errors' },
      telemetry: {},
    });
    const options = {
      configuration,
      folder: this.folder,
      drainTimeoutMs,
      programs: { control: fixture('control.mjs'), ...programs },
    };
    const child = spawn(process.execPath, [fixture('up.mjs'), JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    this.#process = child;
    createInterface({ input: child.stdout }).on('line', (line) =>
      this.events.push(JSON.parse(line) as Event),
    );
    createInterface({ input: child.stderr }).on('line', (line) => {
      this.lines.push(line.startsWith('{') ? (JSON.parse(line) as Record<string, unknown>) : { msg: line });
    });
    this.#ended = new Promise((settle) => {
      child.once('close', (status, signal) => settle(signal ?? status));
    });
  }

  /** Starts the supervisor and waits until all of its processes are up. */
  async start(): Promise<void> {
    this.spawn();
    await until(() => this.events.some(({ type }) => type === 'control') || this.hasEnded);
    const wanted = this.#options.processes ?? 2;
    await until(() => this.logged('inference process is up').length >= wanted || this.hasEnded);
  }

  get hasEnded(): boolean {
    return this.#process?.exitCode !== null || this.#process.signalCode !== null;
  }

  get port(): number {
    const url = this.events.find(({ type }) => type === 'listening')?.inference ?? '';
    return Number(new URL(url).port);
  }

  /** `127.0.0.1:9000`. */
  get grpc(): string {
    return this.events.find(({ type }) => type === 'listening')?.grpc ?? '';
  }

  get ended(): Promise<number | NodeJS.Signals | null> {
    return this.#ended;
  }

  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /** The log lines with that message. */
  logged(message: string): readonly Readonly<Record<string, unknown>>[] {
    return this.lines.filter(({ msg }) => msg === message);
  }

  /** What the newest control process wrote last; undefined before it did. */
  status(): StatusFile | undefined {
    const path = join(this.dataFolder, 'status.json');
    return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as StatusFile) : undefined;
  }

  get controlPid(): number {
    return this.status()?.pid ?? 0;
  }

  /** The newest process id of an inference process, as its supervisor logged it. */
  inferencePid(index: number): number {
    const line = this.logged('inference process is up').findLast(
      ({ process }) => process === `inference-${index}`,
    );
    return Number(line?.pid);
  }

  /** Writes what should be served. */
  declare(...desired: readonly DesiredServing[]): void {
    this.write('desired.json', desired);
  }

  write(name: string, value: unknown): void {
    const path = join(this.dataFolder, name);
    writeFileSync(`${path}.draft`, JSON.stringify(value));
    renameSync(`${path}.draft`, path);
  }

  /** Resolves when everything declared is routed in so many processes. */
  async routed(processes = this.#options.processes ?? 2): Promise<void> {
    const desired = readFileSync(join(this.dataFolder, 'desired.json'), 'utf8');
    const count = (JSON.parse(desired) as unknown[]).length;
    await until(
      () => {
        const status = this.status();
        const all = Object.values(status?.deployments ?? {});
        return (
          isAlive(status?.pid ?? 0) &&
          all.length === count &&
          all.every(({ routed, processes: { ready } }) => routed && ready === processes)
        );
      },
      { what: `all is routed in ${processes} processes`, deadlineMs: 40_000 },
    );
  }

  /** A version that multiplies with a factor; its artifact is a file of the registry. */
  version(name: string, factor: number, built: BuiltModel = linearModel(factor, 0)): VersionToServe {
    const blob = createHash('sha1').update(built.bytes).digest('hex');
    writeFileSync(join(this.dataFolder, 'blobs', blob), built.bytes);
    const path = `models/bird-strike/versions/${name}.onnx`;
    return {
      version: name,
      resource: versionResource([{ path, blob, size: built.bytes.length }]),
      artifact: {
        uri: `file:${name}.onnx`,
        digest: `sha256:${createHash('sha256').update(built.bytes).digest('hex')}`,
        size: built.bytes.length,
      },
      signature: built.signature,
      examples: [],
    };
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  /** Ends what is left and removes the folder. */
  async close(): Promise<void> {
    if (!this.hasEnded) this.signal('SIGTERM');
    const patience = setTimeout(() => this.signal('SIGTERM'), 15_000);
    await this.#ended;
    clearTimeout(patience);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function isAlive(pid: number): boolean {
  if (pid === 0 || Number.isNaN(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
