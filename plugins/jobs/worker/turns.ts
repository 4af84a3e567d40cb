/** Takes turns: whoever asked first is the next. */
export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is one's turn; what it gives ends that turn, and does nothing more when it is called again. */
  async take(): Promise<() => void> {
    const before = this.#last;
    let end!: () => void;
    this.#last = new Promise((resolve) => {
      end = resolve;
    });
    await before;
    return end;
  }
}
