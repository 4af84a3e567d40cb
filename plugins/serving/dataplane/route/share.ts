/** Says yes to a whole percentage of all questions, evenly spread: exactly so many of any hundred in a row. */
export class Share {
  readonly #percent: number;
  #credit = 0;

  constructor(percent: number) {
    this.#percent = percent;
  }

  take(): boolean {
    this.#credit += this.#percent;
    if (this.#credit < 100) return false;
    this.#credit -= 100;
    return true;
  }

  /** Takes over where another share of the same percentage is. */
  goOnFrom(before: Share): void {
    this.#credit = before.#credit;
  }
}
