import { setImmediate as afterThisTurn } from 'node:timers';

/**
 * What is asked for in one go, before the event loop goes on, is done at once: its writes in one transaction, its
 * look-ups in one query. Everyone's promise settles with the group; groups are done one after another, in order.
 */
export class TurnGroup<Batch> {
  readonly #begin: () => Batch;
  readonly #perform: (batch: Batch) => Promise<void>;
  /** Takes what is asked for now; done when its turn comes. */
  #next: Group<Batch> | undefined;
  /** Is being done. */
  #current: Group<Batch> | undefined;
  /** How many groups were done since the event loop last turned. */
  #sinceTurn = 0;

  constructor(begin: () => Batch, perform: (batch: Batch) => Promise<void>) {
    this.#begin = begin;
    this.#perform = perform;
  }

  /** Adds to this turn's group. Resolves with the group when it is done; rejects, with all of it, when it cannot be. */
  async join(add: (batch: Batch) => void): Promise<Batch> {
    const group = this.#next ?? this.#open();
    add(group.batch);
    await group.done;
    return group.batch;
  }

  /** Resolves once everything asked for up to now is done or has failed. */
  async settled(): Promise<void> {
    await (this.#next ?? this.#current)?.done.catch(() => undefined);
  }

  #open(): Group<Batch> {
    const group = newGroup(this.#begin());
    this.#next = group;
    if (this.#current === undefined) this.#soon();
    return group;
  }

  /** When the running code has said all that it wants; every few times not before others had their turn. */
  #soon(): void {
    if (this.#sinceTurn === 0) afterThisTurn(() => (this.#sinceTurn = 0));
    this.#sinceTurn += 1;
    if (this.#sinceTurn < mostAtOnce) process.nextTick(() => void this.#drain());
    else afterThisTurn(() => void this.#drain());
  }

  async #drain(): Promise<void> {
    while (this.#next !== undefined && this.#current === undefined) {
      const group = this.#next;
      this.#next = undefined;
      this.#current = group;
      const failure = await this.#perform(group.batch).then(
        () => undefined,
        (error: unknown) => ({ error }),
      );
      this.#current = undefined;
      if (failure === undefined) group.resolve();
      else group.reject(failure.error);
    }
  }
}

const mostAtOnce = 8;

interface Group<Batch> {
  readonly batch: Batch;
  readonly done: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

function newGroup<Batch>(batch: Batch): Group<Batch> {
  let resolve: () => void = () => undefined;
  let reject: (reason: unknown) => void = () => undefined;
  const done = new Promise<void>((yes, no) => {
    resolve = yes;
    reject = no;
  });
  return { batch, done, resolve, reject };
}
