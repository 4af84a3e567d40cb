/** Time as alerting sees it: given, so that a test can turn it by hand. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after so many milliseconds; the answer cancels it. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, callback) {
    // Timers hold 31 bits, and looking earlier costs nothing.
    const timer = setTimeout(callback, Math.min(Math.max(0, milliseconds), 3_600_000));
    return () => clearTimeout(timer);
  },
};
