import { type ChildProcess, fork } from 'node:child_process';
import type { Logger } from '../../core/plugin.ts';
import type { WorkerStart, WorkerTrouble } from './worker/main.ts';

export interface WorkerProcessOptions {
  /** The compiled program. */
  readonly program: string;
  readonly start: WorkerStart;
  readonly log: Logger;
}

const graceMs = 5_000;
/** A disk that is full stays so for a while. */
const tellsEveryMs = 60_000;

/** Keeps the process that works jobs alive: it is started anew when it ends, and goes on where it was. */
export class WorkerProcess {
  readonly #options: WorkerProcessOptions;
  #child: ChildProcess | undefined;
  #isClosing = false;
  #failures = 0;
  #restart: NodeJS.Timeout | undefined;
  #isAfterLoss = false;
  #toldAt = Number.NEGATIVE_INFINITY;

  constructor(options: WorkerProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  begin(): void {
    const { program, start, log } = this.#options;
    // It needs none of the platform's settings and secrets.
    const { PATH, TZ, LANG, SystemRoot } = process.env;
    const env = {
      PATH,
      TZ,
      LANG,
      SystemRoot,
      PREDICTION_JOBS: JSON.stringify({ ...start, isAfterLoss: this.#isAfterLoss }),
    };
    const child = fork(program, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    const began = performance.now();
    const onEnd = (how: string): void => {
      if (this.#child !== child) return;
      this.#child = undefined;
      if (this.#isClosing) return;
      this.#isAfterLoss = true;
      if (performance.now() - began > 60_000) this.#failures = 0;
      const pause = Math.min(250 * 2 ** this.#failures++, 30_000);
      log.warn({ how }, 'the worker of jobs ended; it is started anew');
      this.#restart = setTimeout(() => this.begin(), pause).unref();
    };
    child.on('message', (message) => {
      if (performance.now() - this.#toldAt < tellsEveryMs) return;
      this.#toldAt = performance.now();
      const { job, unwritten } = message as WorkerTrouble;
      log.warn({ job, code: unwritten }, 'jobs cannot be written now; they go on when there is room');
    });
    child.on('error', (error) => {
      log.warn({ error: error.message }, 'the worker of jobs did not start');
      // Of one that was never there, nothing else is heard.
      if (child.pid === undefined) onEnd(error.message);
    });
    child.once('exit', (status, signal) => onEnd(signal ?? `status ${status}`));
  }

  /** Ends it. The job that it works goes on with the next one. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child?.pid === undefined) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.send('close', () => {});
    const stuck = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(stuck);
  }
}
