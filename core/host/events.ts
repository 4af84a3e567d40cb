import { type Events, type Logger, messageOf } from '../plugin.ts';

type Listener<Name extends keyof Events> = (payload: Events[Name]) => void;

/** The kernel's closed list of events. A listener that throws is logged and hurts nobody else. */
export class EventBus {
  readonly #listeners = new Map<keyof Events, Set<Listener<never>>>();
  readonly #log: Logger;

  constructor(log: Logger) {
    this.#log = log;
  }

  /** The answer takes the listener off again. */
  on<Name extends keyof Events>(event: Name, listener: Listener<Name>): () => void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners);
    listeners.add(listener as Listener<never>);
    return () => listeners.delete(listener as Listener<never>);
  }

  emit<Name extends keyof Events>(event: Name, payload: Events[Name]): void {
    for (const listener of this.#listeners.get(event) ?? []) {
      try {
        (listener as Listener<Name>)(payload);
      } catch (thrown) {
        this.#log.error({ event, error: messageOf(thrown) }, 'event listener failed');
      }
    }
  }
}
