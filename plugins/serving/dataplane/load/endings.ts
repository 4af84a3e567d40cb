/** What is under way and must have ended before the process may. */
export class Endings {
  readonly #underWay = new Set<Promise<void>>();

  /** Until it has ended, well or not. */
  add(one: Promise<void>): void {
    this.#underWay.add(one);
    const forget = () => this.#underWay.delete(one);
    one.then(forget, forget);
  }

  /** Resolves when all has ended, and what was added meanwhile. */
  async idle(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.allSettled(this.#underWay);
  }
}
