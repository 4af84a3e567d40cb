import type { Logger } from '../../../core/plugin.ts';
import { replaceFile, settleFile } from '../../../libraries/durable-file/index.ts';
import type { RoutingTable } from '../dataplane/interface/routing-table.ts';
import { tableNotWritten } from '../errors.ts';

export interface TablePublisherOptions {
  readonly path: string;
  /** Called with each table that is to be followed, once whoever starts anew reads it too. */
  readonly onPublished: (table: RoutingTable, line: string) => void;
  readonly log: Logger;
  /** Milliseconds until a table that could not be written is tried again. */
  readonly retryMs?: number;
}

/**
 * Puts tables in place and hands them on. Traffic that has to move back must not wait for a disk that is busy with other
 * things, so a table is handed on as soon as every process that begins from now on reads it, and made to survive a power cut
 * afterwards. Nor must a disk that takes no table keep a platform from changing what it serves: such a table is handed on as
 * well, and writing it is tried again.
 */
export class TablePublisher {
  readonly #options: Required<TablePublisherOptions>;
  #settling: Promise<void> | undefined;
  #newest = '';
  #isUnsettled = false;
  #retry: NodeJS.Timeout | undefined;
  #isPersisted = true;
  #isClosed = false;

  constructor(options: TablePublisherOptions) {
    this.#options = { retryMs: 2_000, ...options };
  }

  /** Whether the newest table is on disk, as far as that is known. */
  get isPersisted(): boolean {
    return this.#isPersisted;
  }

  publish(table: RoutingTable): void {
    const text = JSON.stringify(table);
    this.#newest = `${text}\n`;
    this.#write();
    this.#options.onPublished(table, `{"type":"table","table":${text}}\n`);
  }

  /** Resolves when nothing is left to write; what cannot be written is given up. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#settling;
    clearTimeout(this.#retry);
  }

  #write(): void {
    clearTimeout(this.#retry);
    try {
      replaceFile(this.#options.path, this.#newest);
    } catch (error) {
      this.#failed(error);
      return;
    }
    this.#isUnsettled = true;
    this.#settling ??= this.#settle().finally(() => {
      this.#settling = undefined;
    });
  }

  async #settle(): Promise<void> {
    while (this.#isUnsettled) {
      this.#isUnsettled = false;
      try {
        await settleFile(this.#options.path);
        this.#isPersisted = true;
      } catch (error) {
        this.#failed(error);
      }
    }
  }

  #failed(cause: unknown): void {
    const { path, log, retryMs } = this.#options;
    const { code, message, where, hint } = tableNotWritten(path, cause);
    if (this.#isPersisted)
      log.error({ code, error: message, where, hint }, 'the routing table is not on disk');
    this.#isPersisted = false;
    clearTimeout(this.#retry);
    if (!this.#isClosed) this.#retry = setTimeout(() => this.#write(), retryMs).unref();
  }
}
