import type { Sender, Signal } from './messages.ts';
import { request } from './messages.ts';
import { post } from './post.ts';
import type { SignalSettings } from './settings.ts';
import { type Encoding, json, protobuf } from './wire.ts';

export interface ExporterOptions<Item> {
  readonly signal: Signal<Item>;
  readonly sender: Sender;
  readonly settings: SignalSettings;
  /** Items that may wait; what comes when there is no room is dropped. */
  readonly mostQueued: number;
  /** Items of one request. */
  readonly mostInOne: number;
  /** How long items wait for others, in milliseconds. */
  readonly delayMs: number;
  /** Told when the collector ceases to take what it is sent, why, and when it takes it again. */
  readonly onTrouble?: (why: string | undefined) => void;
  /** Between two tries, in milliseconds: from the first one, doubled, up to the longest. */
  readonly backOff?: { readonly firstMs: number; readonly longestMs: number };
}

export interface ExporterCounts {
  readonly sent: number;
  /** No room, or no collector for too long, or it refused them. */
  readonly dropped: number;
}

export interface Exporter<Item> {
  /** Never blocks, never throws. */
  add(item: Item): void;
  counts(): ExporterCounts;
  /** Sends what waits, in the time that is given, and lets go of the rest. */
  close(timeoutMs: number): Promise<void>;
}

/** Items that are written in one turn of the event loop: less than a millisecond. */
const mostInOneTurn = 32;
/** A request is tried so often; then it is let go, since newer ones wait behind it. */
const mostTries = 6;

export function openExporter<Item>(options: ExporterOptions<Item>): Exporter<Item> {
  return options.settings.protocol === 'http/json'
    ? new QueuedExporter(options, json)
    : new QueuedExporter(options, protobuf);
}

class QueuedExporter<Item, Written> implements Exporter<Item> {
  readonly #options: ExporterOptions<Item>;
  readonly #encoding: Encoding<Written>;
  #queue: Item[] = [];
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isClosing = false;
  #sent = 0;
  #dropped = 0;
  #isTroubled = false;
  #failures = 0;
  readonly #stopping = new AbortController();
  #wake: () => void = () => {};

  constructor(options: ExporterOptions<Item>, encoding: Encoding<Written>) {
    this.#options = options;
    this.#encoding = encoding;
  }

  add(item: Item): void {
    const { mostQueued, mostInOne, delayMs } = this.#options;
    if (this.#isClosing || this.#queue.length >= mostQueued) {
      this.#dropped++;
      return;
    }
    this.#queue.push(item);
    if (this.#sending !== undefined) return;
    if (this.#queue.length >= mostInOne) this.#begin();
    else this.#timer ??= setTimeout(() => this.#begin(), delayMs).unref();
  }

  counts(): ExporterCounts {
    return { sent: this.#sent, dropped: this.#dropped };
  }

  async close(timeoutMs: number): Promise<void> {
    this.#isClosing = true;
    const late = setTimeout(() => this.#stopping.abort(), timeoutMs);
    this.#wake();
    this.#begin();
    await this.#sending;
    clearTimeout(late);
    this.#dropped += this.#queue.length;
    this.#queue = [];
  }

  #begin(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#sending !== undefined || this.#queue.length === 0) return;
    this.#sending = this.#send().then(() => {
      this.#sending = undefined;
      if (this.#queue.length > 0 && !this.#isClosing) {
        this.#timer ??= setTimeout(() => this.#begin(), this.#options.delayMs).unref();
      }
    });
  }

  async #send(): Promise<void> {
    const { mostInOne } = this.#options;
    do {
      const items = this.#queue.splice(0, mostInOne);
      const taken = await this.#deliver(items);
      this.#sent += taken;
      this.#dropped += items.length - taken;
      // Who refuses one thing refuses the next: it is not asked again and again.
      this.#failures = taken > 0 ? 0 : this.#failures + 1;
      if (this.#failures > 0) await this.#pause(this.#backOff(this.#failures));
    } while (this.#queue.length >= (this.#isClosing ? 1 : mostInOne) && !this.#stopping.signal.aborted);
  }

  /** Answers how many were taken. */
  async #deliver(items: readonly Item[]): Promise<number> {
    const { signal, sender, settings } = this.#options;
    const written: Written[] = [];
    for (const item of items) {
      written.push(this.#encoding.item(signal.fieldsOf(item)));
      if (written.length % mostInOneTurn === 0) await new Promise((next) => setImmediate(next));
    }
    const bytes = request(this.#encoding, signal, sender, written);
    for (let tries = 1; ; tries++) {
      const posted = await post(settings, this.#encoding.contentType, bytes, this.#stopping.signal);
      this.#tell(posted.type === 'taken' ? undefined : posted.why);
      if (posted.type === 'taken') return Math.max(0, items.length - posted.rejected);
      if (posted.type === 'refused' || tries === mostTries || this.#isClosing) return 0;
      await this.#pause(Math.max(posted.afterMs ?? 0, this.#backOff(tries)));
    }
  }

  #backOff(failures: number): number {
    const { firstMs, longestMs } = this.#options.backOff ?? { firstMs: 1_000, longestMs: 30_000 };
    return Math.min(longestMs, firstMs * 2 ** (failures - 1)) * (0.75 + Math.random() / 2);
  }

  #pause(milliseconds: number): Promise<void> {
    if (this.#isClosing) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, 300_000)).unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #tell(why: string | undefined): void {
    if ((why !== undefined) === this.#isTroubled) return;
    this.#isTroubled = why !== undefined;
    this.#options.onTrouble?.(why);
  }
}
