/** Brings what is in the outbox to its receivers: one at a time to each, all receivers beside each other. */
import type { Notification, Notifier } from '../../../core/capabilities/notifier.ts';
import type { SecretRef } from '../../../core/capabilities/secrets.ts';
import { codeOf, type Logger, messageOf, type Providers, type Ref } from '../../../core/plugin.ts';
import { receiverMissing, secretNotGiven } from '../errors.ts';
import type { Receiver, Route } from '../routing/route.ts';
import { type Delivery, due, type Failure, receiverKey } from './outbox.ts';

export interface CourierOptions {
  readonly notifiers: Providers<Notifier>;
  readonly route: (ref: Ref) => Route | undefined;
  readonly readSecret: (ref: SecretRef, usedBy: Ref) => Promise<string>;
  readonly log: Logger;
  readonly now: () => number;
  /** Told of what became of a delivery; writes it down. */
  readonly done: (delivery: Delivery, failure: Failure | undefined) => void;
}

/** A receiver that takes longer is asked again. */
const longestMs = 30_000;

/** What may pass by itself. */
const passing = new Set(['NotifierUnreachable', 'SecretStoreUnreachable', 'SecretUnknown']);

export class Courier {
  readonly #options: CourierOptions;
  readonly #busy = new Set<string>();
  readonly #sending = new Map<string, Promise<void>>();
  readonly #stopping = new AbortController();
  readonly counts = new Map<string, { readonly labels: string; told: number; failed: number }>();

  constructor(options: CourierOptions) {
    this.#options = options;
  }

  isSending(id: string): boolean {
    return this.#sending.has(id);
  }

  /** Sends what is due; `done` is called for each. */
  pump(outbox: readonly Delivery[]): void {
    if (this.#stopping.signal.aborted) return;
    for (const delivery of due(outbox, this.#options.now(), (key) => this.#busy.has(key))) {
      const { id } = delivery.notification;
      const key = receiverKey(delivery);
      this.#busy.add(key);
      const work = this.#send(delivery).then((failure) => {
        this.#busy.delete(key);
        this.#sending.delete(id);
        this.#count(delivery, failure);
        // Cut short by a stop: it is sent again after the start.
        if (failure === undefined || !this.#stopping.signal.aborted) this.#options.done(delivery, failure);
      });
      this.#sending.set(id, work);
    }
  }

  /** Tells one receiver at once, past the outbox. Throws what the notifier throws. */
  async tell(route: Ref, receiver: Receiver, notification: Notification): Promise<void> {
    if (receiver.notifier === undefined) return;
    const notifier = this.#options.notifiers.get(receiver.notifier);
    const signal = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(longestMs)]);
    const secret =
      receiver.secretRef === undefined
        ? undefined
        : await this.#options.readSecret(receiver.secretRef, route);
    if (secret === undefined && notifier.secret === 'required') throw secretNotGiven(receiver.name);
    const telling = {
      notification,
      settings: receiver.settings,
      ...(secret === undefined ? {} : { secret }),
    };
    try {
      await notifier.notify(telling, signal);
    } catch (error) {
      throw withoutSecret(error, secret);
    }
  }

  /** Resolves once all that is under way has ended. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#sending.values());
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.allSettled(this.#sending.values());
  }

  async #send(delivery: Delivery): Promise<Failure | undefined> {
    const { route: ref, receiver: name, notification } = delivery;
    try {
      const receiver = this.#options.route(ref)?.receivers.get(name);
      if (receiver === undefined) throw receiverMissing(`${ref} ${name}`);
      await this.tell(ref, receiver, notification);
      return undefined;
    } catch (error) {
      const { retryAfterMs } = error as { readonly retryAfterMs?: unknown };
      const failure: Failure = {
        code: codeOf(error),
        message: messageOf(error).slice(0, 1000),
        isLasting: !passing.has(codeOf(error)),
        ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
      };
      if (!this.#stopping.signal.aborted) {
        const facts = { route: ref, receiver: name, attempt: delivery.attempts + 1, code: failure.code };
        this.#options.log.warn({ ...facts, error: failure.message }, 'a notification was not delivered');
      }
      return failure;
    }
  }

  #count(delivery: Delivery, failure: Failure | undefined): void {
    const key = receiverKey(delivery);
    const route = delivery.route.slice(delivery.route.indexOf('/') + 1);
    const one = this.counts.get(key) ?? {
      labels: `route="${route}",receiver="${delivery.receiver}"`,
      told: 0,
      failed: 0,
    };
    if (failure === undefined) one.told += 1;
    else one.failed += 1;
    this.counts.set(key, one);
  }
}

/** A receiver or its client may repeat what it was sent. */
function withoutSecret(error: unknown, secret: string | undefined): unknown {
  if (secret === undefined || secret.length < 4 || !(error instanceof Error)) return error;
  if (error.message.includes(secret)) error.message = error.message.replaceAll(secret, '***');
  return error;
}
