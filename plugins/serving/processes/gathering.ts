/**
 * Whether those who are connected are all there are. After a restart of control, an inference process that has not
 * connected again yet may still answer by the table of the control process before.
 */

export interface GatheringOptions {
  /** Whether an earlier control process published a table: somebody may be serving it. */
  readonly hasEarlierTable: boolean;
  /** Inference processes that there should be; undefined where nobody said. */
  readonly expected: number | undefined;
  /** Milliseconds after which whoever has not connected is taken to be gone. */
  readonly graceMs: number;
  /** Milliseconds of a clock that only goes forward. */
  readonly now: () => number;
}

/** Long enough for several tries of a process to connect, which it makes at least each half second. */
export const gatheringGraceMs = 3_000;

export class Gathering {
  readonly #options: GatheringOptions;
  readonly #end: number;
  #isOver: boolean;

  constructor(options: GatheringOptions) {
    this.#options = options;
    this.#end = options.now() + options.graceMs;
    this.#isOver = !options.hasEarlierTable;
  }

  /** Whether `live` processes are all that may answer. Once it was so it stays so. */
  isOver(live: number): boolean {
    const { expected, now } = this.#options;
    this.#isOver ||= (expected !== undefined && live >= expected) || now() >= this.#end;
    return this.#isOver;
  }
}
