/** The turn of one job: it has it while it asks and rests, and not while it only waits. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Turns } from './turns.ts';

export class Turn {
  readonly #turns: Turns;
  #end: (() => void) | undefined;
  /** Milliseconds of answers that it has not rested for. */
  #owed = 0;

  constructor(turns: Turns) {
    this.#turns = turns;
  }

  /** Resolves at once where it is its turn already. */
  async take(): Promise<void> {
    this.#end ??= await this.#turns.take();
  }

  giveBack(): void {
    this.#end?.();
    this.#end = undefined;
  }

  /** An answer took so many milliseconds. */
  owe(milliseconds: number): void {
    this.#owed += milliseconds;
  }

  /** Ends the turn after as long as its answers took: live traffic has at least every other moment. */
  async rest(signal: AbortSignal): Promise<void> {
    const owed = this.#owed;
    this.#owed = 0;
    await wait(owed, undefined, { signal });
    this.giveBack();
  }
}
