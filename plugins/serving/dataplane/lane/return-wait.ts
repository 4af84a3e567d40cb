/**
 * Whether a run waits for those whom the one before it answered. Most of them ask again within a moment. A run that begins at once has whoever
 * happened to wait, and the others all wait for it: of eight clients one and seven take turns for as long as they go on, and a model
 * that runs eight rows in little more time than one does half of what it could. The wait is no longer than what the run costs that is spared
 * by it. Where clients take longer to come back, two halves of them take turns, and where they do not come at all nobody waits.
 */

/** Milliseconds of a run, and of a wait, for which timers are fine enough. */
const shortestRun = 5;
const shortestMs = 1;
const longestMs = 5;
/** So many of those who are waited for may stay away, and it was worth it. */
const strayShare = 1 / 8;
/** After so many waits that did not pay, more than those that did, 64 runs in a row do not wait for all; after one less, 32. */
const mostFailures = 6;

export interface RunOver {
  /** Requests that it answered. */
  readonly answered: number;
  /** Requests that wait now. */
  readonly waiting: number;
  /** Requests that a run has room for. */
  readonly room: number;
  readonly milliseconds: number;
  /** What one run of all takes less than two of half of them each. */
  readonly savedMs: number;
}

/**
 * Milliseconds that one run takes less than two runs of half of its rows each, where one of so many rows took `milliseconds` and one of a
 * single row takes `runMs`: what a run costs apart from its rows, each of which is taken to cost the same.
 */
export function savedBy(runMs: number, rows: number, milliseconds: number): number {
  return rows === 1 ? runMs : runMs - (milliseconds - runMs) / (rows - 1);
}

export class ReturnWait {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #answered = 0;
  #waitingBefore = 0;
  #waiting = 0;
  /** So many must wait for the next run to begin; 0: nobody is waited for. */
  #awaited = 0;
  #isForAll = false;
  #failures = 0;
  /** So many runs do not wait for all. */
  #toSkip = 0;
  /** Whether they come, but too late. */
  #areSlow = false;

  /** `onOver` is called where nobody is waited for any longer, though not all have come. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  begin({ answered, waiting, room, milliseconds, savedMs }: RunOver): void {
    this.#end();
    const limit = Math.min(savedMs, longestMs);
    if (milliseconds < shortestRun || limit < shortestMs) return;
    const all = Math.min(waiting + answered, room);
    this.#isForAll = this.#toSkip === 0;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      if (!this.#areSlow) return;
    }
    const awaited = this.#isForAll ? all : Math.ceil(all / 2);
    if (waiting >= awaited) return;
    this.#awaited = awaited;
    this.#answered = answered;
    this.#waitingBefore = waiting;
    this.#waiting = waiting;
    this.#giveUpAfter(Math.ceil(limit));
  }

  /** Whether the next run should not begin yet, with so many requests that wait for it. */
  holds(waiting: number): boolean {
    if (this.#awaited === 0) return false;
    this.#waiting = waiting;
    if (waiting < this.#awaited) return true;
    if (this.#isForAll) this.#failures = Math.max(0, this.#failures - 1);
    this.#end();
    return false;
  }

  /** From when those who were answered have their answers, which takes the event loop as long as all of it; and who asks by then is heard. */
  #giveUpAfter(milliseconds: number): void {
    this.#turn = setImmediate(() => {
      this.#timer = setTimeout(() => {
        this.#turn = setImmediate(() => this.#giveUp());
      }, milliseconds);
    });
  }

  #giveUp(): void {
    const came = this.#waiting - this.#waitingBefore;
    const missing = this.#awaited - this.#waiting;
    // Where nobody waits, nobody was kept waiting.
    if (this.#waiting > 0 && missing > this.#answered * strayShare) {
      this.#areSlow = came * 2 >= this.#answered;
      if (this.#isForAll) this.#failures = Math.min(mostFailures, this.#failures + 1);
      this.#toSkip = 2 ** this.#failures;
    }
    this.#end();
    this.#onOver();
  }

  #end(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#turn);
    this.#awaited = 0;
  }
}
