import type { Logger } from '../../core/plugin.ts';
import { writeDurably } from '../../libraries/durable-file/index.ts';
import type { RoutingTable } from './dataplane/routing-table.ts';
import { tableNotWritten } from './errors.ts';

export interface TablePublisherOptions {
  readonly path: string;
  /** Called with each table that is to be followed, once it is on disk. */
  readonly onPublished: (table: RoutingTable, line: string) => void;
  readonly log: Logger;
  /** Milliseconds until a table that could not be written is tried again. */
  readonly retryMs?: number;
}

/**
 * Writes tables, one at a time and only the newest, and then hands them on. A disk that takes no table must not keep a
 * platform from changing what it serves (a rollback, above all), so such a table is handed on as well, and writing it is
 * tried again.
 */
export class TablePublisher {
  readonly #options: Required<TablePublisherOptions>;
  #next: RoutingTable | undefined;
  #working: Promise<void> | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isPersisted = true;

  constructor(options: TablePublisherOptions) {
    this.#options = { retryMs: 2_000, ...options };
  }

  /** Whether the newest table is on disk. */
  get isPersisted(): boolean {
    return this.#isPersisted;
  }

  publish(table: RoutingTable): void {
    this.#next = table;
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
      if (this.#next !== undefined) this.publish(this.#next);
    });
  }

  /** Resolves when nothing is left to write; what cannot be written is given up. */
  async close(): Promise<void> {
    await this.#working;
    clearTimeout(this.#retry);
  }

  async #work(): Promise<void> {
    for (let table = this.#take(); table !== undefined; table = this.#take()) {
      const text = JSON.stringify(table);
      await this.#write(table, text);
      this.#options.onPublished(table, `{"type":"table","table":${text}}\n`);
    }
  }

  #take(): RoutingTable | undefined {
    const table = this.#next;
    this.#next = undefined;
    return table;
  }

  async #write(table: RoutingTable, text: string): Promise<void> {
    const { path, log, retryMs } = this.#options;
    clearTimeout(this.#retry);
    try {
      await writeDurably(path, `${text}\n`);
      this.#isPersisted = true;
    } catch (error) {
      const { code, message, where, hint } = tableNotWritten(path, error);
      if (this.#isPersisted)
        log.error({ code, error: message, where, hint }, 'the routing table is not on disk');
      this.#isPersisted = false;
      this.#retry = setTimeout(() => this.publish(table), retryMs).unref();
    }
  }
}
