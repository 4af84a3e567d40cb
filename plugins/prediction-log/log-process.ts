import { type ChildProcess, fork } from 'node:child_process';
import type { SinkTrouble } from '../../core/capabilities/prediction-sink.ts';
import { logUnavailable } from '../../core/capabilities/prediction-sink-errors.ts';
import { type Logger, SwitchyardError } from '../../core/plugin.ts';
import { socketPath } from '../../libraries/socket-lock/index.ts';
import type { LogPaths } from './paths.ts';
import type { LogSettings } from './settings.ts';
import type { CarriedError, FromLog, LogCall, LogStart, ToLog } from './store/messages.ts';

export interface LogProcessOptions {
  /** The compiled program. */
  readonly program: string;
  readonly folder: string;
  readonly paths: LogPaths;
  readonly settings: LogSettings;
  readonly log: Logger;
  /** Said to each process that is started, before anything else. */
  readonly greeting: () => readonly ToLog[];
  readonly firstRestartMs?: number;
}

interface Waiting {
  readonly message: ToLog & { readonly type: 'call' };
  resolve(value: unknown): void;
  reject(error: Error): void;
  readonly late: NodeJS.Timeout;
}

/** Calls that may be under way: DuckDB holds memory for each. */
const mostCalls = 64;
const mostUnsaid = 1_000;
/** One that ran so long begins with the shortest pause again. */
const healthyMs = 60_000;
/** Longer than any question may take. */
const patience = 30_000;
/** All that is kept is looked through, and may have to be fetched first. */
const erasing = 24 * 3_600_000;

/** The process that keeps the log: started when it is first needed, started anew when it ends, and asked over IPC. */
export class LogProcess {
  readonly #options: LogProcessOptions;
  readonly #waiting = new Map<number, Waiting>();
  #child: ChildProcess | undefined;
  #isReady = false;
  #isClosing = false;
  #restart: NodeJS.Timeout | undefined;
  #failures = 0;
  #nextId = 0;
  #unsaid: readonly ToLog[] = [];
  #starts = 0;
  #trouble: SinkTrouble = {};

  constructor(options: LogProcessOptions) {
    this.#options = options;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  get isReady(): boolean {
    return this.#isReady;
  }

  /** What it said last of what keeps it from its work; or that it does not run, where it should. */
  get trouble(): SinkTrouble {
    if (this.#isReady || this.#isClosing) return this.#trouble;
    return this.#starts === 0 ? {} : { ...this.#trouble, log: 'its process does not answer' };
  }

  get starts(): number {
    return this.#starts;
  }

  /** Starts it where it does not run. */
  start(): void {
    if (this.#child !== undefined || this.#isClosing || this.#restart !== undefined) return;
    const { program, paths, settings, folder } = this.#options;
    const start: LogStart = { paths, settings, socket: socketPath(folder, 'log') };
    // It needs none of the platform's settings and secrets.
    const { PATH, TZ, LANG, SystemRoot, NODE_EXTRA_CA_CERTS } = process.env;
    const environment = {
      PATH,
      TZ,
      LANG,
      SystemRoot,
      NODE_EXTRA_CA_CERTS,
      PREDICTION_LOG: JSON.stringify(start),
    };
    const child = fork(program, { env: environment, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.#child = child;
    this.#starts++;
    child.on('message', (message: FromLog) => this.#receive(message));
    const began = performance.now();
    const onEnd = (how: string): void => {
      if (this.#child === child) this.#onEnd(how, performance.now() - began);
    };
    child.on('error', (error) => {
      this.#options.log.warn({ error: error.message }, 'the prediction log did not start');
      // Of one that was never there, nothing else is heard.
      if (child.pid === undefined) onEnd(error.message);
    });
    child.once('exit', (status, signal) => onEnd(signal ?? `status ${status}`));
  }

  /** Says something; where nobody listens now, once somebody does. */
  say(message: ToLog): void {
    if (this.#isReady) this.#child?.send(message, () => {});
    else if (message.type === 'ended') this.#unsaid = [...this.#unsaid, message].slice(-mostUnsaid);
  }

  /** Rejects with the log's own error, or `LogUnavailable`. What was asked of a process that ended is not asked again. */
  call(call: LogCall, signal?: AbortSignal): Promise<unknown> {
    if (signal?.aborted === true) return Promise.reject(signal.reason);
    if (this.#isClosing) return Promise.reject(logUnavailable('the platform stops'));
    if (this.#waiting.size >= mostCalls)
      return Promise.reject(logUnavailable('it is asked too much at once'));
    this.start();
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const end = (settle: () => void): void => {
        clearTimeout(late);
        signal?.removeEventListener('abort', abort);
        this.#waiting.delete(id);
        settle();
      };
      const allowed = call.call === 'erase' ? erasing : this.#options.settings.queryTimeoutMs + patience;
      const late = setTimeout(() => abandon(logUnavailable(`no answer within ${allowed} ms`)), allowed);
      const abandon = (reason: unknown): void => {
        if (this.#isReady) this.#child?.send({ type: 'abandon', id } satisfies ToLog, () => {});
        end(() => reject(reason));
      };
      const abort = (): void => abandon(signal?.reason);
      signal?.addEventListener('abort', abort, { once: true });
      const message = { type: 'call' as const, id, ...call };
      this.#waiting.set(id, {
        message,
        late,
        resolve: (value) => end(() => resolve(value)),
        reject: (error) => end(() => reject(error)),
      });
      if (this.#isReady) this.#child?.send(message, () => {});
    });
  }

  /** Ends it. What was handed in and is in no file yet waits in the inbox. */
  async close(): Promise<void> {
    this.#isClosing = true;
    clearTimeout(this.#restart);
    const child = this.#child;
    if (child?.pid === undefined) {
      this.#rejectAll('the platform stops');
      return;
    }
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.send({ type: 'close' } satisfies ToLog, () => {});
    const stuck = setTimeout(() => child.kill('SIGKILL'), 5_000);
    await ended;
    clearTimeout(stuck);
  }

  #receive(message: FromLog): void {
    if (message.type === 'ready') {
      this.#isReady = true;
      for (const message of [...this.#options.greeting(), ...this.#unsaid]) this.say(message);
      this.#unsaid = [];
      for (const { message: call } of this.#waiting.values()) this.#child?.send(call, () => {});
      return;
    }
    if (message.type === 'log') {
      this.#options.log[message.level](message.facts, message.message);
      return;
    }
    if (message.type === 'trouble') {
      this.#trouble = message.trouble;
      return;
    }
    const waiting = this.#waiting.get(message.id);
    if (message.type === 'answer') waiting?.resolve(message.value);
    else waiting?.reject(errorOf(message.error));
  }

  #onEnd(how: string, ranMs: number): void {
    const wasReady = this.#isReady;
    this.#child = undefined;
    this.#isReady = false;
    // Whoever waited for one that never began may wait for the next.
    if (wasReady || this.#isClosing) this.#rejectAll(`its process ended with ${how}`);
    if (this.#isClosing) return;
    if (ranMs >= healthyMs) this.#failures = 0;
    const pause = Math.min((this.#options.firstRestartMs ?? 500) * 2 ** this.#failures, 30_000);
    this.#failures++;
    this.#options.log.warn(
      { how, restartInMs: pause },
      'the process of the prediction log ended; it is started anew',
    );
    this.#restart = setTimeout(() => {
      this.#restart = undefined;
      this.start();
    }, pause).unref();
  }

  #rejectAll(reason: string): void {
    for (const waiting of [...this.#waiting.values()]) waiting.reject(logUnavailable(reason));
  }
}

function errorOf({ code, message, ...more }: CarriedError): Error {
  return code === undefined ? logUnavailable(message) : new SwitchyardError(code, message, more);
}
