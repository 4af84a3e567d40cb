/** Who reads now: a file that a query may still read is removed when that query has ended. */
export class RunningQueries {
  readonly #running = new Set<Promise<unknown>>();

  /** Runs a query and knows of it until it has ended. */
  async run<Answer>(query: () => Promise<Answer>): Promise<Answer> {
    const running = query();
    const known = running.catch(() => {});
    this.#running.add(known);
    try {
      return await running;
    } finally {
      this.#running.delete(known);
    }
  }

  /** Resolves when all that run now have ended. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }
}
