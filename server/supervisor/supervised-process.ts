import { type ChildProcess, fork } from 'node:child_process';
import type { Server } from 'node:net';
import type { Logger } from '../../core/plugin.ts';
import type { LogLines } from './log-lines.ts';

export interface SupervisedProcessOptions {
  /** `control`, `inference-0`. */
  readonly name: string;
  /** A compiled program. */
  readonly program: string;
  /** For Node.js itself. */
  readonly flags?: readonly string[];
  /** Asked for at each start. */
  readonly arguments: () => readonly string[];
  readonly environment: () => NodeJS.ProcessEnv;
  readonly lines: LogLines;
  readonly log: Logger;
  onMessage(message: { readonly type?: unknown }): void;
  /** It ended by itself, and will be started anew. */
  onEnd?(): void;
}

/** The exit status by which a process asks to be started anew at once. */
const restartStatus = 75;
const firstDelayMs = 250;
const longestDelayMs = 15_000;
/** Whoever ran so long without trouble begins with the shortest delay again. */
const healthyMs = 60_000;
/** Whoever asks to be started anew before that counts as in trouble the next time. */
const promptMs = 5_000;

/** One child process, started anew whenever it ends, until it is told to stop. */
export class SupervisedProcess {
  readonly #options: SupervisedProcessOptions;
  #child: ChildProcess | undefined;
  #timer: NodeJS.Timeout | undefined;
  #failures = 0;
  #isStopping = false;
  #ended: ((isClean: boolean) => void) | undefined;

  constructor(options: SupervisedProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  start(): void {
    const { name, program, flags = [], lines, onMessage } = this.#options;
    const startedAt = performance.now();
    const child = fork(program, [...this.#options.arguments()], {
      env: this.#options.environment(),
      execArgv: [...flags],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // Ctrl-C goes to every process of the terminal; these shall hear of it from their supervisor alone.
      detached: process.platform !== 'win32',
    });
    this.#child = child;
    // Neither is there, whatever types say, where no descriptor was left to start it.
    if (child.stdout) lines.follow(name, child.stdout, 'info');
    if (child.stderr) lines.follow(name, child.stderr, 'error');
    child.on('message', (message) => {
      if (this.#child === child) onMessage((message ?? {}) as { type?: unknown });
    });
    child.once('error', (error) =>
      this.#options.log.error({ process: name, error: error.message }, 'process failed'),
    );
    // `exit` and not `close`: a grandchild may hold the pipes open.
    child.once('exit', (status, signal) =>
      this.#onExit(child, status, signal, performance.now() - startedAt),
    );
    child.once('error', () => {
      if (child.pid === undefined) this.#onExit(child, null, null, 0);
    });
  }

  /** Sends a message, with a server's handle where given. Nothing happens where the process is gone. */
  send(message: object, server?: Server): void {
    this.#child?.send?.(message, server, undefined, () => {});
  }

  /**
   * Asks it to end, and kills it when it has not by the deadline. Gives whether it ended as it should: not killed, by whomever, and without
   * saying that it left something undone.
   */
  async stop(timeoutMs: number): Promise<boolean> {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === undefined) return true;
    const ended = new Promise<boolean>((settle) => {
      this.#ended = settle;
    });
    const deadline = setTimeout(() => this.kill(), timeoutMs);
    child.kill('SIGTERM');
    const isClean = await ended;
    clearTimeout(deadline);
    return isClean;
  }

  /** Ends it at once. */
  kill(): void {
    this.#isStopping = true;
    clearTimeout(this.#timer);
    this.#child?.kill('SIGKILL');
  }

  #onExit(child: ChildProcess, status: number | null, signal: NodeJS.Signals | null, ranMs: number): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    if (this.#isStopping) {
      // One that was only beginning ends by the signal itself.
      const isClean = status === 0 || status === restartStatus || signal === 'SIGTERM';
      const facts = { process: this.#options.name, pid: child.pid, status, signal };
      if (!isClean) this.#options.log.error(facts, 'process ended before all was done');
      this.#ended?.(isClean);
      return;
    }
    this.#options.onEnd?.();
    if (this.#isStopping) return;
    this.#failures = ranMs >= healthyMs ? 0 : this.#failures;
    const isAsked = status === restartStatus;
    // One that asks as soon as it is up, again and again, is in trouble.
    const isPrompt = isAsked && this.#failures === 0;
    const delay = isPrompt ? 0 : Math.min(firstDelayMs * 2 ** this.#failures, longestDelayMs);
    if (!isAsked || ranMs < promptMs) this.#failures++;
    const facts = { process: this.#options.name, pid: child.pid, status, signal, restartInMs: delay };
    if (isAsked) this.#options.log.info(facts, 'process asks to be started anew');
    else this.#options.log.warn(facts, 'process ended');
    this.#timer = setTimeout(() => this.start(), delay);
  }
}
