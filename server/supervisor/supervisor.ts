/**
 * What `switchyard up` runs: holds the inference port, starts the control process and the inference processes, and starts
 * each anew when it dies. It decides nothing else, so that there is little in it that could fail.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '../../core/plugin.ts';
import { packageFile } from '../../libraries/package-files/index.ts';
import { allocatorSettings, heapFlags } from '../../plugins/serving/dataplane/interface/process-memory.ts';
import { servingPaths } from '../../plugins/serving/paths.ts';
import { eventLoopProcessorsOf } from '../../plugins/serving/settings/event-loop-processors.ts';
import { memoryLimitOf } from '../../plugins/serving/settings/memory-limit.ts';
import { settingArguments } from '../../plugins/serving/settings/setting-arguments.ts';
import { servingSettings } from '../../plugins/serving/settings/settings.ts';
import type { Configuration } from '../configuration.ts';
import type { ControlSettings } from '../control.ts';
import { removeRunFile } from '../run-file.ts';
import { lockDataFolder } from './data-folder-lock.ts';
import { controlFailed, portInUse, programMissing } from './errors.ts';
import { type HeldPort, holdPort } from './held-port.ts';
import { LogLines } from './log-lines.ts';
import { Replacements } from './replacements.ts';
import { SupervisedProcess } from './supervised-process.ts';

export interface SupervisorOptions {
  readonly configuration: Configuration;
  /** Where the operator's plugins are looked for. */
  readonly folder: string;
  /** Takes one log line (JSON, without its line end), from the supervisor or a child. */
  readonly write: (line: string) => void;
  /** The port is held; its number is known now. */
  readonly onListening?: (urls: { readonly inference: string; readonly grpc?: string }) => void;
  /** Each time that a control process is up. */
  readonly onControl?: (urls: {
    readonly inference: string;
    readonly grpc?: string;
    readonly api: string;
  }) => void;
  /** Aborting it is the same as SIGTERM. */
  readonly signal?: AbortSignal;
  readonly environment?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that processes get to answer what is under way when everything stops. Default 30,000. */
  readonly drainTimeoutMs?: number;
  /** The compiled programs, where they are not the package's own. */
  readonly programs?: { readonly control?: string; readonly inference?: string };
}

/**
 * Runs a platform until it is told to stop, by SIGTERM, SIGINT, SIGHUP or the signal; a second one ends everything at
 * once. Gives the exit status: 0 when all that was under way has been answered. Throws `PortInUse`, `PortUnavailable`,
 * `DataFolderInUse`, `DataFolderUnusable`, `ProgramMissing`, or what keeps the control process from its first start.
 */
export async function runSupervisor(options: SupervisorOptions): Promise<number> {
  const { configuration, programs, environment = process.env } = options;
  const control = programs?.control ?? packageFile('dist/server/control.js');
  const inference = programs?.inference ?? packageFile('dist/plugins/serving/dataplane/main.js');
  for (const path of [control, inference]) if (!existsSync(path)) throw programMissing(path);
  const lock = await lockDataFolder(configuration.dataFolder);
  try {
    const { host, inferencePort, grpcPort } = configuration;
    const ports: Ports = { inference: await holdPort(host, inferencePort) };
    try {
      if (grpcPort !== undefined) ports.grpc = await holdPort(host, grpcPort);
      return await new Supervisor({ ...options, environment, programs: { control, inference } }, ports).run();
    } finally {
      ports.inference.close();
      ports.grpc?.close();
    }
  } finally {
    await removeRunFile(configuration.dataFolder, environment).catch(() => {});
    await lock.release();
  }
}

type Resolved = SupervisorOptions & {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly programs: { readonly control: string; readonly inference: string };
};

/** The ports that inference processes share. */
interface Ports {
  readonly inference: HeldPort;
  grpc?: HeldPort;
}

class Supervisor {
  readonly #options: Resolved;
  readonly #port: HeldPort;
  readonly #grpc: HeldPort | undefined;
  readonly #lines: LogLines;
  readonly #log: Logger;
  readonly #listening = new Set<string>();
  readonly #replacements: Replacements;
  /** An inference process has listened on the held port once: from then on, whoever is answered there is ours. */
  #hasListened = false;
  #configuration: Configuration;
  #control: SupervisedProcess | undefined;
  #inference: SupervisedProcess[] = [];
  /** The control process was up once. */
  #wasUp = false;
  #stopping: Promise<boolean> | undefined;
  #isKilled = false;
  #finish: (outcome: { readonly status: number } | { readonly error: unknown }) => void = () => {};

  constructor(options: Resolved, { inference, grpc }: Ports) {
    const { configuration, write } = options;
    this.#options = options;
    this.#port = inference;
    this.#grpc = grpc;
    this.#lines = new LogLines(configuration.log.level, write);
    this.#log = this.#lines.logger('supervisor');
    const { plugins, processes } = configuration;
    this.#replacements = new Replacements({
      count: processes,
      begin: (index) => {
        this.#log.info({ process: `inference-${index}` }, 'replacing what has outgrown its memory');
        this.#inference[index]?.send({ type: 'giveWay' });
      },
    });
    // The serving plugin is to know how many processes there should be.
    this.#configuration = {
      ...configuration,
      plugins: { ...plugins, serving: { processes, ...plugins.serving } },
    };
  }

  async run(): Promise<number> {
    const { onListening, signal } = this.#options;
    const finished = new Promise<number>((settle, reject) => {
      this.#finish = (outcome) => ('status' in outcome ? settle(outcome.status) : reject(outcome.error));
    });
    const stop = () => this.#stop();
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'] as const;
    for (const name of signals) process.on(name, stop);
    signal?.addEventListener('abort', stop);
    try {
      if (signal?.aborted) return 0;
      onListening?.({ inference: this.#port.url, ...this.#grpcAddress });
      this.#log.info({ inference: this.#port.url, pid: process.pid }, 'the inference port is held');
      await this.#start();
      return await finished;
    } finally {
      for (const name of signals) process.off(name, stop);
      signal?.removeEventListener('abort', stop);
    }
  }

  async #start(): Promise<void> {
    const { dataFolder, processes, log, telemetry, plugins } = this.#configuration;
    const serving = servingSettings(plugins.serving ?? {});
    const memoryLimit = memoryLimitOf(serving, processes);
    const eventLoopProcessors = eventLoopProcessorsOf(serving, processes);
    const folder = join(dataFolder, 'plugins', 'serving');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const { table, socket } = servingPaths(folder);
    const { programs, environment } = this.#options;
    this.#control = new SupervisedProcess({
      name: 'control',
      program: programs.control,
      arguments: () => [],
      environment: () => ({
        ...environment,
        ...telemetry,
        SWITCHYARD_CONTROL: JSON.stringify(this.#controlSettings()),
      }),
      lines: this.#lines,
      log: this.#log,
      onMessage: (message) => this.#onControlMessage(message, existsSync(table)),
    });
    for (let index = 0; index < processes; index++) {
      const name = `inference-${index}`;
      this.#inference.push(
        new SupervisedProcess({
          name,
          program: programs.inference,
          flags: heapFlags,
          arguments: () => [
            '--id',
            String(index),
            '--table',
            table,
            '--control',
            socket,
            '--drain-timeout',
            String(this.#drainMs),
            '--memory-limit',
            String(memoryLimit),
            ...['--event-loop-processors', String(eventLoopProcessors)],
            ...settingArguments(serving),
            ...requestLogArguments(log),
          ],
          environment: () => ({ ...allocatorSettings, ...withoutOurs(environment), ...telemetry }),
          lines: this.#lines,
          log: this.#log,
          onMessage: (message) => this.#onInferenceMessage(name, index, message),
          onEnd: () => void this.#onInferenceEnd(name, index),
        }),
      );
    }
    this.#control.start();
    for (const child of this.#inference) child.start();
  }

  #controlSettings(): ControlSettings {
    return {
      configuration: this.#configuration,
      inference: this.#port.url,
      ...this.#grpcAddress,
      supervisor: process.pid,
      folder: this.#options.folder,
    };
  }

  #onControlMessage(message: { readonly type?: unknown }, hasTable: boolean): void {
    if (message.type === 'control-ready') {
      const { api } = message as { readonly api?: unknown };
      if (typeof api !== 'string') return;
      this.#wasUp = true;
      // A free port was asked for: the next control process gets the same one.
      const apiPort = Number(new URL(api).port) || this.#configuration.apiPort;
      this.#configuration = { ...this.#configuration, apiPort };
      this.#options.onControl?.({ inference: this.#port.url, ...this.#grpcAddress, api });
    }
    // What is served is worth more than a clean failure: with a table, the inference processes go on without control.
    if (message.type === 'control-failed' && !this.#wasUp && !hasTable) {
      this.#fail(controlFailed(message as Readonly<Record<string, unknown>>));
    }
  }

  #onInferenceMessage(name: string, index: number, message: { readonly type?: unknown }): void {
    if (message.type === 'prepared') {
      if (this.#grpc !== undefined) this.#inference[index]?.send({ type: 'listen-grpc' }, this.#grpc.handle);
      this.#inference[index]?.send({ type: 'listen' }, this.#port.handle);
    }
    if (message.type === 'listening') {
      this.#listening.add(name);
      this.#replacements.isUp(index);
      this.#hasListened = true;
      this.#log.info({ process: name, pid: this.#inference[index]?.pid }, 'inference process is up');
    }
    if (message.type === 'outgrown') this.#replacements.wanted(index);
  }

  /** Binding alone does not keep another program from listening first. */
  async #onInferenceEnd(name: string, index: number): Promise<void> {
    this.#replacements.ended(index);
    const wasListening = this.#listening.delete(name);
    if (wasListening || this.#hasListened || this.#stopping !== undefined) return;
    if (!(await this.#port.isAnswered()) || this.#hasListened) return;
    this.#fail(portInUse(this.#port.host, this.#port.port));
  }

  /** `127.0.0.1:9000`, as gRPC clients write it. */
  get #grpcAddress(): { readonly grpc?: string } {
    return this.#grpc === undefined ? {} : { grpc: this.#grpc.url.replace(/^http:\/\//, '') };
  }

  get #drainMs(): number {
    return this.#options.drainTimeoutMs ?? 30_000;
  }

  #fail(error: unknown): void {
    if (this.#stopping !== undefined) return;
    this.#stopping = this.#stopAll();
    void this.#stopping.then(() => this.#finish({ error }));
  }

  /** The first time, everything under way is answered; the second time, everything ends. */
  #stop(): void {
    if (this.#stopping !== undefined) {
      this.#isKilled = true;
      this.#log.warn({}, 'ending at once');
      this.#control?.kill();
      for (const child of this.#inference) child.kill();
      return;
    }
    this.#log.info({ drainMs: this.#drainMs }, 'stopping: what is under way is answered first');
    this.#stopping = this.#stopAll();
    void this.#stopping.then((isClean) => {
      this.#finish({ status: isClean && !this.#isKilled ? 0 : 1 });
    });
  }

  /** A little longer than a process gives itself, so that it can say what it cut off. */
  async #stopAll(): Promise<boolean> {
    // Whoever comes now is refused, rather than left waiting in a queue that nobody will look at.
    this.#port.close();
    this.#grpc?.close();
    const timeout = this.#drainMs + 5_000;
    const children = [this.#control, ...this.#inference].flatMap((child) => child ?? []);
    const ended = await Promise.all(children.map((child) => child.stop(timeout)));
    return ended.every(Boolean);
  }
}

function requestLogArguments(log: Configuration['log']): readonly string[] {
  const { requests, slowMs, access = 'none', accessFile } = log;
  return [
    ...['--log-requests', requests, '--log-access', access],
    ...(slowMs === undefined ? [] : ['--slow-after', String(slowMs)]),
    ...(accessFile === undefined ? [] : ['--access-file', accessFile]),
  ];
}

/** Inference processes need none of the platform's settings and secrets. */
function withoutOurs(environment: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('SWITCHYARD_')));
}
