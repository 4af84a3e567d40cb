/** The longest time that a timer of Node takes, milliseconds: one that is set for longer rings at once. */
export const longestTimerMs = 2 ** 31 - 1;

/** A timer for the earliest of the times that it is set for. It keeps no process alive. */
export class Alarm {
  readonly #ring: () => void;
  #timer: NodeJS.Timeout | undefined;
  #at = Number.POSITIVE_INFINITY;

  /** `ring` is called once for all times it was set for before; where they are weeks away, also before them. */
  constructor(ring: () => void) {
    this.#ring = ring;
  }

  /** By `performance.now()`. */
  set(at: number): void {
    if (at >= this.#at) return;
    clearTimeout(this.#timer);
    this.#at = at;
    this.#timer = setTimeout(
      () => {
        this.#at = Number.POSITIVE_INFINITY;
        this.#ring();
      },
      Math.min(Math.ceil(at - performance.now()), longestTimerMs),
    ).unref();
  }
}
