/**
 * Shares the event loop out: work that takes long, as reading a large body does, is done for a few milliseconds of a turn and goes on in
 * the next. In between connections are read, and who only asks whether the process lives has an answer.
 */

/** Bytes of a body, or of outputs, from which on reading or writing it counts as such work. */
export const longWork = 16 * 1024;
/** Bytes from which on it counts as short work. What is less is over before it is shared out. */
export const shortWork = 8 * 1024;

/** Milliseconds of one turn. What is longer by itself cannot be parted. */
const mostPerTurn = 5;
/** Of the new time and the old, the new counts so much. */
const weight = 1 / 8;

/** Short work does not wait for long work. */
export class Paces {
  readonly long: Pace;
  readonly short = new Pace();

  /** `unread`: bodies that are to be read from their connections before they are long work. */
  constructor(unread?: () => number) {
    this.long = new Pace(unread);
  }

  of(bytes: number): Pace {
    return bytes < longWork ? this.short : this.long;
  }

  /** Milliseconds until a body of so many bytes that comes now is likely to be read. */
  waitFor(bytes: number): number {
    return bytes < shortWork ? 0 : this.of(bytes).wait;
  }
}

export class Pace {
  readonly #coming: () => number;
  readonly #waiting: (() => void)[] = [];
  /** Of this turn. */
  #spent = 0;
  #turn: NodeJS.Immediate | undefined;
  #endedAt = 0;
  /** How soon one piece of work follows another, with all that is done in between. */
  #interval = 0;
  /** What one takes by itself. */
  #usual = 0;

  /** `coming`: work that will be here before whatever comes now. */
  constructor(coming: () => number = () => 0) {
    this.#coming = coming;
  }

  /** Milliseconds until work that comes now is likely to be done; 0 where none waits. */
  get wait(): number {
    const before = this.#waiting.length + this.#coming();
    return before === 0 ? 0 : (before + 1) * this.#interval;
  }

  /** Does it at once where there is time left in this turn and nothing waits, else in its turn: `onWait` is called before it waits. */
  do<T>(work: () => T, onWait?: () => void): T | Promise<T> {
    const came = performance.now();
    if (this.#waiting.length === 0 && this.#hasTime()) return this.#run(work, came);
    onWait?.();
    return new Promise((resolve, reject) => {
      this.#waiting.push(() => {
        try {
          resolve(this.#run(work, came));
        } catch (error) {
          reject(error);
        }
      });
    });
  }

  #run<T>(work: () => T, came: number): T {
    const began = performance.now();
    try {
      return work();
    } finally {
      const ended = performance.now();
      this.#spent += ended - began;
      this.#usual += (ended - began - this.#usual) * weight;
      this.#interval += (ended - Math.max(came, this.#endedAt) - this.#interval) * weight;
      this.#endedAt = ended;
      this.#turn ??= setImmediate(() => this.#nextTurn());
    }
  }

  /** Whether another one is likely to be done before the turn has had enough. The first always has time. */
  #hasTime(): boolean {
    return this.#spent === 0 || this.#spent + this.#usual <= mostPerTurn;
  }

  #nextTurn(): void {
    this.#turn = undefined;
    this.#spent = 0;
    while (this.#waiting.length > 0 && this.#hasTime()) this.#waiting.shift()!();
  }
}
