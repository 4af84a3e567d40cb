/**
 * Pauses that may be ended early, all of them at once. A signal would do the same, and would have a listener for each until its time is over.
 */
export class Pauses {
  readonly #ends = new Set<() => void>();

  /** Resolves after so many milliseconds, or with `end`. */
  for(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#ends.delete(end);
        resolve();
      };
      const timer = setTimeout(end, milliseconds);
      this.#ends.add(end);
    });
  }

  end(): void {
    for (const end of [...this.#ends]) end();
  }
}
