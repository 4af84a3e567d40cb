/** When a lane has nothing to do, and who waits for that. */

interface Counted {
  readonly size: number;
}

export class LaneRest {
  /** What waits. */
  readonly #queue: Counted;
  readonly #running: Counted;
  #reserved = 0;
  #whenRested: (() => void)[] = [];
  #whenIdle: (() => void)[] = [];

  constructor(queue: Counted, running: Counted) {
    this.#queue = queue;
    this.#running = running;
  }

  /** Whether nothing waits and nothing runs. */
  get isIdle(): boolean {
    return this.#queue.size === 0 && this.#running.size === 0 && this.#reserved === 0;
  }

  /** Resolves when nothing waits and nothing runs. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#whenIdle.push(resolve));
  }

  /** Resolves when nothing runs. What waits may be many. */
  rested(): Promise<void> {
    if (this.#running.size === 0) return Promise.resolve();
    return new Promise((resolve) => this.#whenRested.push(resolve));
  }

  /** Keeps it from becoming idle until what is given back is called: something is about to be run. */
  reserve(): () => void {
    let isReserved = true;
    this.#reserved++;
    return () => {
      if (!isReserved) return;
      isReserved = false;
      this.#reserved--;
      this.settleIdle();
    };
  }

  /** Tells those who wait for it, where nothing runs any more. */
  settleRested(): void {
    if (this.#running.size === 0) for (const resolve of this.#whenRested.splice(0)) resolve();
  }

  /** Tells those who wait for it, where nothing waits and nothing runs any more. */
  settleIdle(): void {
    if (!this.isIdle) return;
    const waiting = this.#whenIdle;
    this.#whenIdle = [];
    for (const resolve of waiting) resolve();
  }
}
