/** Time, so that a test can turn it by hand. */
interface Clock {
  now(): number;
  /** Calls back once after so many milliseconds; the answer cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export interface WorkQueueOptions {
  /** How many keys may be worked on at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** Must not throw: what goes wrong with a key is the worker's to remember. */
  readonly work: (key: string, signal: AbortSignal) => Promise<void>;
}

/**
 * The work queue of level-triggered control. A key is never worked on twice at once; added while it is worked on, it
 * is worked on once more; added many times while it waits, once. No added key is ever forgotten.
 */
export class WorkQueue {
  readonly #options: WorkQueueOptions;
  /** In order of arrival. */
  readonly #waiting = new Set<string>();
  readonly #delayed = new Map<string, { readonly due: number; readonly cancel: () => void }>();
  readonly #running = new Map<string, AbortController>();
  readonly #again = new Set<string>();
  readonly #idle: (() => void)[] = [];
  #stopped = false;
  #pumping = false;

  constructor(options: WorkQueueOptions) {
    this.#options = options;
  }

  /** Keys that wait or are worked on now; delayed ones are not counted. */
  get depth(): number {
    return this.#waiting.size + this.#running.size;
  }

  /** Asks for a key to be worked on as soon as there is room. */
  add(key: string): void {
    if (this.#stopped) return;
    this.#undelay(key);
    if (this.#running.has(key)) this.#again.add(key);
    else this.#waiting.add(key);
    this.#pump();
  }

  /** Asks for a key to be worked on after so many milliseconds, unless it is asked for sooner. */
  addAfter(key: string, milliseconds: number): void {
    if (this.#stopped || this.#waiting.has(key) || this.#again.has(key)) return;
    const due = this.#options.clock.now() + milliseconds;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.due <= due) return;
    this.#undelay(key);
    const cancel = this.#options.clock.after(milliseconds, () => this.add(key));
    this.#delayed.set(key, { due, cancel });
  }

  /** As `add`, and tells work under way on this key that its goal is out of date. */
  preempt(key: string): void {
    this.#running.get(key)?.abort();
    this.add(key);
  }

  /** Resolves when no key waits or is worked on. Keys added with a delay do not count. */
  idle(): Promise<void> {
    if (this.depth === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  /** Takes no more keys, aborts what is under way and resolves when all of it has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { cancel } of this.#delayed.values()) cancel();
    this.#delayed.clear();
    this.#waiting.clear();
    this.#again.clear();
    for (const controller of this.#running.values()) controller.abort();
    this.#settle();
    await this.idle();
  }

  #undelay(key: string): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }

  /** Starts work in a later microtask, so that many keys added in one turn begin in their order. */
  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    queueMicrotask(() => {
      this.#pumping = false;
      for (const key of this.#waiting) {
        if (this.#running.size >= this.#options.concurrency) return;
        this.#waiting.delete(key);
        void this.#run(key);
      }
    });
  }

  async #run(key: string): Promise<void> {
    const controller = new AbortController();
    this.#running.set(key, controller);
    try {
      await this.#options.work(key, controller.signal);
    } finally {
      this.#running.delete(key);
      if (this.#again.delete(key)) this.#waiting.add(key);
      this.#pump();
      this.#settle();
    }
  }

  #settle(): void {
    if (this.depth > 0) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}
