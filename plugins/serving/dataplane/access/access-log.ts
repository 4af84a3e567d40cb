/** A line for each request, written by nobody who answers requests: lines gather, and what finds no room is dropped and counted. */
import { openSync } from 'node:fs';
import { pino } from 'pino';
import { codeOf } from '../../../../core/plugin.ts';
import type { AccessCounts } from '../interface/process-metrics.ts';
import type { Log } from '../log.ts';
import type { AccessRules } from './access-rules.ts';

export interface AccessLogOptions {
  readonly rules: AccessRules;
  /** A file that lines are added to, or the descriptor of an open one. */
  readonly to: string | number;
  /** The name of this process. */
  readonly process: string;
  readonly log: Log;
}

/** Bytes of lines that may wait. */
const mostWaiting = 1024 * 1024;
/** Bytes of one write: what is no longer than this is not mixed with what other processes write into the same pipe. */
const mostAtOnce = 4096;
const flushEveryMs = 500;
const patienceMs = 1_000;

export class AccessLog {
  readonly #share: number;
  readonly #tell: Log;
  /** Undefined where it could not be opened. */
  readonly #destination: ReturnType<typeof pino.destination> | undefined;
  readonly #log: ReturnType<typeof pino> | undefined;
  #turn = 0;
  #lines = 0;
  #dropped = 0;
  #isTroubled = false;

  constructor({ rules, to, process, log }: AccessLogOptions) {
    this.#share = rules.share;
    this.#tell = log;
    const descriptor = this.#open(to);
    if (descriptor === undefined) return;
    this.#destination = pino.destination({
      ...{ dest: descriptor, sync: false, periodicFlush: flushEveryMs },
      ...{ minLength: mostAtOnce / 2, maxLength: mostWaiting, maxWrite: mostAtOnce },
    });
    this.#destination.on('drop', () => {
      this.#dropped++;
    });
    this.#destination.on('error', (error: Error) => this.#troubled(error));
    this.#log = pino(
      {
        base: { process },
        formatters: { level: (label) => ({ level: label }) },
        timestamp: () => `,"time":"${new Date().toISOString()}"`,
      },
      this.#destination,
    );
  }

  /** Whether a request that was answered so gets a line. Of what went well each share in turn, evenly spread. */
  wants(status: number): boolean {
    if (status >= 400) return true;
    this.#turn += this.#share;
    // Ten tenths are a little less than one.
    if (this.#turn < 1 - 1e-9) return false;
    this.#turn -= 1;
    return true;
  }

  write(line: object): void {
    this.#lines++;
    if (this.#log === undefined) this.#dropped++;
    else this.#log.info(line, 'access');
  }

  counts(): AccessCounts {
    return { lines: this.#lines - this.#dropped, dropped: this.#dropped };
  }

  /** Writes what waits, unless nobody takes it. */
  close(): Promise<void> {
    const destination = this.#destination;
    if (destination === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, patienceMs);
      destination.once('close', () => {
        clearTimeout(timer);
        resolve();
      });
      destination.end();
    });
  }

  /** Here, and not by whoever writes: that one has no answer to a file that cannot be opened but to end the process. */
  #open(to: string | number): number | undefined {
    if (typeof to === 'number') return to;
    try {
      return openSync(to, 'a', 0o600);
    } catch (error) {
      this.#troubled(error);
      return undefined;
    }
  }

  #troubled(error: unknown): void {
    if (!this.#isTroubled) this.#tell('the access log cannot be written', { code: codeOf(error) }, 'warn');
    this.#isTroubled = true;
  }
}
