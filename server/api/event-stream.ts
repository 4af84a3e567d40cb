import type { Kernel } from '../../core/kernel-api.ts';
import { type Events, type JournalEntry, type Logger, messageOf } from '../../core/plugin.ts';

export interface EventStreamOptions {
  readonly kernel: Kernel;
  readonly log: Logger;
  readonly heartbeatMs: number;
  /** Journal entries behind this sequence come first. Undefined: only what happens from now on. */
  readonly after: number | undefined;
  /** The stream ends when it is aborted. */
  readonly closing: AbortSignal | undefined;
  /** Ends the reader's connection at once; false where there is none to end. */
  drop(): boolean;
}

/** Bytes that may wait for a reader before it is cut off. */
const patience = 4 * 1024 * 1024;
/** Entries that a returning reader is given. */
const longestReplay = 10_000;

/** The kernel's events as a stream of Server-Sent Events, with a buffer that has an end. */
export function eventStream(options: EventStreamOptions): ReadableStream<Uint8Array> {
  let reader: Reader | undefined;
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        reader = new Reader(options, controller);
        reader.begin();
      },
      pull: () => reader?.replay(),
      cancel: () => reader?.leave(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: patience }),
  );
}

/** One reader: first the journal entries that it missed, as fast as it takes them, then what happens. */
class Reader {
  readonly #options: EventStreamOptions;
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #leaving: (() => void)[] = [];
  /** Journal entries still to be sent in order; undefined once the reader has caught up. */
  #missed: JournalEntry[] | undefined = [];
  #isRead = false;
  #last = 0;

  constructor(options: EventStreamOptions, controller: ReadableStreamDefaultController<Uint8Array>) {
    this.#options = options;
    this.#controller = controller;
  }

  begin(): void {
    const { kernel, closing, heartbeatMs } = this.#options;
    for (const name of stateEvents) {
      this.#leaving.push(kernel.on(name, (payload) => this.#send(encoded(name, payload))));
    }
    this.#leaving.push(kernel.on('journal.appended', ({ entry }) => this.#journal(entry)));
    const heart = setInterval(() => this.#send(comment('')), heartbeatMs);
    this.#leaving.push(() => clearInterval(heart));
    const finish = () => this.#finish();
    closing?.addEventListener('abort', finish, { once: true });
    this.#leaving.push(() => closing?.removeEventListener('abort', finish));

    this.#send(comment(' connected'));
    if (closing?.aborted) this.#finish();
    else this.#readMissed().catch((thrown) => this.#fail(thrown));
  }

  /** Sends of what was missed as much as leaves room for what happens meanwhile. */
  replay(): void {
    if (!this.#isRead || this.#missed === undefined) return;
    const missed = this.#missed;
    let sent = 0;
    while (sent < missed.length && this.#room() > patience / 2) {
      const entry = missed[sent];
      sent += 1;
      if (entry && entry.sequence > this.#last) this.#sendEntry(entry);
    }
    missed.splice(0, sent);
    if (missed.length === 0) this.#missed = undefined;
  }

  leave(): void {
    for (const each of this.#leaving.splice(0)) each();
  }

  async #readMissed(): Promise<void> {
    const { kernel, after } = this.#options;
    const newestFirst = after === undefined ? [] : await kernel.journal({ after, limit: longestReplay });
    if (this.#leaving.length === 0) return;
    const entries = newestFirst.toReversed();
    const [oldest] = entries;
    if (after !== undefined && oldest && oldest.sequence > after + 1) {
      this.#send(
        encoder.encode(`event: gap\ndata: ${JSON.stringify({ after, before: oldest.sequence })}\n\n`),
      );
    }
    this.#missed?.unshift(...entries);
    this.#isRead = true;
    this.replay();
  }

  #journal(entry: JournalEntry): void {
    if (this.#missed === undefined) {
      if (entry.sequence > this.#last) this.#sendEntry(entry);
    } else if (this.#missed.length < 2 * longestReplay) this.#missed.push(entry);
    else this.#cutOff();
  }

  #sendEntry(entry: JournalEntry): void {
    this.#last = entry.sequence;
    this.#send(encodedEntry(entry));
  }

  #send(bytes: Uint8Array): void {
    if (this.#leaving.length === 0) return;
    const isBehind = this.#room() < patience && this.#room() < bytes.length;
    if (isBehind) this.#cutOff();
    else this.#controller.enqueue(bytes);
  }

  #room(): number {
    return this.#controller.desiredSize ?? 0;
  }

  #finish(): void {
    this.leave();
    this.#controller.close();
  }

  #cutOff(): void {
    this.#options.log.warn({ bytes: patience }, 'a reader of events does not keep up and is cut off');
    this.#end(new Error('the reader does not keep up'));
  }

  #fail(thrown: unknown): void {
    if (this.#leaving.length === 0) return;
    this.#options.log.error(
      { error: messageOf(thrown) },
      'the journal cannot be read for a reader of events',
    );
    this.#end(thrown);
  }

  #end(reason: unknown): void {
    this.leave();
    if (!this.#options.drop()) this.#controller.error(reason);
  }
}

/** All but the journal, which has an order to keep. */
const stateEvents = [
  'snapshot.applied',
  'snapshot.held',
  'plan.made',
  'resource.status',
  'resource.removed',
] as const satisfies readonly (keyof Events)[];

const encoder = new TextEncoder();
const known = new WeakMap<object, Uint8Array>();

/** All readers are given the same bytes of one event. */
function encoded(name: keyof Events, payload: object): Uint8Array {
  const bytes = known.get(payload) ?? encoder.encode(`event: ${name}\ndata: ${JSON.stringify(payload)}\n\n`);
  known.set(payload, bytes);
  return bytes;
}

function encodedEntry(entry: JournalEntry): Uint8Array {
  const data = JSON.stringify({ entry });
  const bytes =
    known.get(entry) ?? encoder.encode(`id: ${entry.sequence}\nevent: journal.appended\ndata: ${data}\n\n`);
  known.set(entry, bytes);
  return bytes;
}

function comment(text: string): Uint8Array {
  return encoder.encode(`:${text}\n\n`);
}
