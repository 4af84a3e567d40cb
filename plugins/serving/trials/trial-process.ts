import type { ChildProcess } from 'node:child_process';
import type { Socket } from 'node:net';
import { TrialFailedError } from '../../../core/capabilities/model-trial.ts';
import { longestLine, readLines } from '../dataplane/interface/lines.ts';
import { startTrial } from '../dataplane/interface/start-trial.ts';
import { messageOfTrial, type TrialAnswers, type TrialCall } from '../dataplane/interface/trial-messages.ts';
import { trialRequestTooLarge } from '../errors.ts';
import { type MemoryWatch, watchMemory } from '../memory/memory-watch.ts';

export interface TrialProcessOptions {
  /** The compiled program. */
  readonly program: string;
  /** Milliseconds that one call may take. */
  readonly timeoutMs: number;
  /** Resident bytes that it may hold. */
  readonly maxBytes: number;
  /** The manifest of the version, for messages. */
  readonly where: string;
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/**
 * One child process that runs one version, with nothing but its channel. Whatever goes wrong in it ends it at once, and
 * is a `TrialFailed` of each call from then on.
 */
export class TrialProcess {
  readonly ended: Promise<void>;
  readonly #options: TrialProcessOptions;
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  readonly #memory: MemoryWatch;
  #waiting: Waiting | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #failure: Error | undefined;
  #isKilled = false;

  constructor(options: TrialProcessOptions) {
    this.#options = options;
    const { child, channel } = startTrial(options.program);
    this.#child = child;
    this.#channel = channel;
    // A line that never ends destroys the channel with an error; a process that is gone closes it without one, or with Node's.
    this.#channel.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === undefined)
        this.#fail('TrialAnswerTooLarge', `it answered too much: ${error.message}`);
    });
    this.#memory = watchMemory(this.#child.pid ?? 0, options.maxBytes, (bytes) =>
      this.#fail(
        'TrialMemoryExceeded',
        `it took ${megabytes(bytes)} of memory, and may take ${megabytes(options.maxBytes)}`,
      ),
    );
    readLines(this.#channel, (line) => this.#receive(line));
    // How it ended is told by its exit; whoever closes the channel and lives on is ended.
    this.#channel.on('close', () => this.#child.kill('SIGKILL'));
    this.ended = new Promise((resolve) => {
      this.#child.once('error', (error) => {
        this.#fail('TrialCrashed', `its process did not start: ${error.message}`);
        if (this.#child.pid === undefined) resolve();
      });
      this.#child.once('exit', (status, signal) => {
        this.#memory.stop();
        this.#fail('TrialCrashed', `it ended its process with ${signal ?? `status ${status}`}`);
        this.#channel.destroy();
        resolve();
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Calls are made one after the other; waiting for earlier ones does not count as time of this one. */
  call<Name extends TrialCall['call']>(
    message: Extract<TrialCall, { call: Name }>,
  ): Promise<TrialAnswers[Name]> {
    const answer = this.#last.then(() => this.#ask(message));
    this.#last = answer.catch(() => {});
    return answer as Promise<TrialAnswers[Name]>;
  }

  memory(): Promise<number> {
    return this.#memory.current();
  }

  /** Ends it at once, whatever it does. `reason`: what calls that wait, and later ones, reject with. */
  async kill(reason?: Error): Promise<void> {
    this.#end(reason ?? new Error('the trial is over'));
    await this.ended;
  }

  #ask(message: TrialCall): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const line = `${JSON.stringify(message)}\n`;
    if (line.length > longestLine) return Promise.reject(trialRequestTooLarge(line.length, longestLine));
    return new Promise((resolve, reject) => {
      const { timeoutMs } = this.#options;
      const late = setTimeout(
        () => this.#fail('TrialTimeout', `it gave no answer to "${message.call}" within ${timeoutMs} ms`),
        timeoutMs,
      );
      this.#waiting = {
        resolve: (value) => {
          clearTimeout(late);
          resolve(value);
        },
        reject: (error) => {
          clearTimeout(late);
          reject(error);
        },
      };
      this.#channel.write(line);
    });
  }

  #receive(line: string): void {
    const message = messageOfTrial(line);
    if (message === undefined) {
      this.#fail('TrialCrashed', 'it answered with what is no message');
      return;
    }
    if (message.type === 'memory') {
      this.#memory.told(Number(message.bytes));
      return;
    }
    if (message.type === 'failed' && message.isFinal) {
      this.#fail(message.reason, message.message);
      return;
    }
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (message.type === 'failed') waiting?.reject(this.#failed(message.reason, message.message));
    else waiting?.resolve(message.value);
  }

  #fail(reason: string, message: string): void {
    this.#end(this.#failed(reason, message));
  }

  /** The first reason is the one that is told: what follows comes of it. */
  #end(failure: Error): void {
    this.#failure ??= failure;
    this.#memory?.stop();
    this.#waiting?.reject(this.#failure);
    this.#waiting = undefined;
    if (this.#isKilled) return;
    this.#isKilled = true;
    this.#child.kill('SIGKILL');
  }

  #failed(reason: string, message: string): TrialFailedError {
    return new TrialFailedError(reason, message, this.#options.where);
  }
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
