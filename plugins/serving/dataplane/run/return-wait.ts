/**
 * Whether a run waits for those whom the one before it answered. Most of them ask again within a moment. A run that begins at once has whoever
 * happened to wait, and the others all wait for it: of eight clients one and seven take turns for as long as they go on, and a model
 * that runs eight rows in little more time than one does half of what it could. The wait is short beside the run, and where it does not pay
 * it is made more and more seldom.
 */

/** Milliseconds of a run for which timers are fine enough. */
const shortestRun = 5;
/** Of the run that is over. */
const longestShare = 0.3;
const longestMs = 5;
/** Milliseconds of an answer, the next question and what a client does between, and how much of a run so many of them may take. */
const eachMs = 0.1;
const likelyShare = 0.15;
/** After so many waits that did not pay, more than those that did, 64 runs in a row do not wait; after one less, 32. */
const mostFailures = 6;

export interface RunOver {
  /** Requests that it answered. */
  readonly answered: number;
  /** Requests that wait now. */
  readonly waiting: number;
  /** Requests that a run has room for. */
  readonly room: number;
  readonly milliseconds: number;
}

export class ReturnWait {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | undefined;
  #answered = 0;
  #waitingBefore = 0;
  #waiting = 0;
  /** So many must wait for the next run to begin; 0: nobody is waited for. */
  #awaited = 0;
  #failures = 0;
  #toSkip = 0;

  /** `onOver` is called where nobody is waited for any longer, though not all have come. */
  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  begin({ answered, waiting, room, milliseconds }: RunOver): void {
    this.#end();
    const awaited = Math.min(waiting + answered, room);
    if (milliseconds < shortestRun || waiting >= awaited) return;
    if (awaited * eachMs > milliseconds * likelyShare) return;
    if (this.#toSkip > 0) {
      this.#toSkip--;
      return;
    }
    this.#awaited = awaited;
    this.#answered = answered;
    this.#waitingBefore = waiting;
    this.#waiting = waiting;
    this.#timer = setTimeout(
      () => this.#giveUp(),
      Math.ceil(Math.min(milliseconds * longestShare, longestMs)),
    );
  }

  /** Whether the next run should not begin yet, with so many requests that wait for it. */
  holds(waiting: number): boolean {
    if (this.#awaited === 0) return false;
    this.#waiting = waiting;
    if (waiting < this.#awaited) return true;
    this.#failures = Math.max(0, this.#failures - 1);
    this.#end();
    return false;
  }

  #giveUp(): void {
    const came = this.#waiting - this.#waitingBefore;
    // Where nobody waits, nobody was kept waiting.
    if (this.#waiting > 0 && came * 2 < this.#answered) {
      this.#failures = Math.min(mostFailures, this.#failures + 1);
      this.#toSkip = 2 ** this.#failures;
    }
    this.#end();
    this.#onOver();
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#awaited = 0;
  }
}
