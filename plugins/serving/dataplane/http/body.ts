/** Bodies: what of them is held, and for how long. */
import type { InferenceError } from '../errors/inference-error.ts';
import { bodyTooLarge, serverBusy } from '../errors/transport-errors.ts';
import type { BodyBudget } from './body-budget.ts';
import { Announced, type Gathering, Pieces } from './gathering.ts';

/** The client went away before its request was whole: nobody is left to answer. */
export class ClientGone extends Error {}

export interface BodyLimits {
  /** Bytes that one body may have. */
  readonly bodyLimit: number;
  /** What all bodies share. */
  readonly bodyBudget: BodyBudget;
  /** The byte of a body whose place in memory is to be a multiple of eight, so that numbers can be read from there on where they are. */
  readonly alignedAt?: number | undefined;
  /** Resolves with why it is not wanted after all, if it is not. */
  readonly unless?: Promise<Error | undefined> | undefined;
}

export interface HeldBody {
  readonly bytes: Buffer;
  /** Milliseconds for which it was not read though it may have come: others were. */
  readonly putOff: number;
  /** Makes the bytes last until they are released, where they were lent. */
  keep(): void;
  /** Gives the bytes back to the budget. Call it once, when the request has ended. */
  release(): void;
}

/** A body in one piece, counted in the budget. */
export class WholeBody implements HeldBody {
  readonly putOff: number;
  readonly #budget: BodyBudget;
  readonly #cost: number;
  #bytes: Buffer;
  #isLent: boolean;

  private constructor(bytes: Buffer, isLent: boolean, budget: BodyBudget, cost: number, putOff: number) {
    this.putOff = putOff;
    this.#bytes = bytes;
    this.#isLent = isLent;
    this.#budget = budget;
    this.#cost = cost;
  }

  /** Bytes that are somebody else's when whoever hands them over goes on. Throws `BodyTooLarge` or `ServerBusy`. */
  static lent(bytes: Buffer, { bodyLimit, bodyBudget }: BodyLimits): WholeBody {
    const cost = bytes.length + bytesPerPiece;
    if (bytes.length > bodyLimit) throw bodyTooLarge(bodyLimit);
    if (!bodyBudget.take(cost)) throw serverBusy();
    return new WholeBody(bytes, true, bodyBudget, cost, 0);
  }

  /** Bytes for which `cost` was taken from the budget. */
  static own(bytes: Buffer, budget: BodyBudget, cost: number, putOff: number): WholeBody {
    return new WholeBody(bytes, false, budget, cost, putOff);
  }

  get bytes(): Buffer {
    return this.#bytes;
  }

  keep(): void {
    if (!this.#isLent) return;
    this.#isLent = false;
    this.#bytes = Buffer.from(this.#bytes);
  }

  release(): void {
    this.#budget.give(this.#cost);
  }
}

/** What a piece of a body costs besides its bytes: a client may send each byte as a piece of its own. */
const bytesPerPiece = 128;

/**
 * Gathers the pieces of a body within the limits. Bytes count as they come, not as they are announced: who sends nothing
 * keeps nobody out.
 */
export class IncomingBody {
  /** Rejects with `BodyTooLarge` or `ServerBusy`, or with `ClientGone`. */
  readonly whole: Promise<HeldBody>;
  readonly #limits: BodyLimits;
  #gathering: Gathering | undefined;
  #size = 0;
  #taken = 0;
  #putOff = 0;
  #resolve!: (body: HeldBody) => void;
  #reject!: (error: Error) => void;

  /** Where its length is announced, each piece may be lent, and no more comes than that. */
  constructor(limits: BodyLimits, announced?: number) {
    const { alignedAt, unless } = limits;
    this.#limits = limits;
    this.#gathering = announced === undefined ? new Pieces(alignedAt) : new Announced(announced, alignedAt);
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    void unless?.then((error) => error && this.fail(error));
  }

  /** Whether it is whole, or not wanted. */
  get isOver(): boolean {
    return this.#gathering === undefined;
  }

  /** For so many milliseconds it was not read. */
  putOff(milliseconds: number): void {
    this.#putOff += milliseconds;
  }

  /** False once nothing more of it is wanted. */
  take(piece: Buffer): boolean {
    if (this.#gathering === undefined) return false;
    const { bodyLimit, bodyBudget } = this.#limits;
    const cost = piece.length + bytesPerPiece;
    this.#size += piece.length;
    if (this.#size > bodyLimit) return this.fail(bodyTooLarge(bodyLimit));
    if (!bodyBudget.take(cost)) return this.fail(serverBusy());
    this.#taken += cost;
    this.#gathering.add(piece);
    return true;
  }

  /** All of it has come. */
  end(): void {
    const gathering = this.#gathering;
    if (gathering === undefined) return;
    this.#gathering = undefined;
    this.#resolve(WholeBody.own(gathering.whole(), this.#limits.bodyBudget, this.#taken, this.#putOff));
  }

  /** Nothing more of it will come. */
  gone(): void {
    // An error is not made for nothing: with its stack it costs as much as the rest of a small body.
    if (this.#gathering !== undefined) this.fail(new ClientGone());
  }

  /** It is not wanted: gives back what has come. Nothing happens where it is whole, or not wanted already. */
  fail(error: Error): false {
    if (this.#gathering === undefined) return false;
    this.#gathering = undefined;
    this.#limits.bodyBudget.give(this.#taken);
    this.#reject(error);
    return false;
  }
}

/** Why a body of the announced length is not read; undefined where it is. */
export function refusalOf(
  announced: number,
  { bodyLimit, bodyBudget }: BodyLimits,
): InferenceError | undefined {
  if (announced > bodyLimit) return bodyTooLarge(bodyLimit);
  return bodyBudget.hasRoomFor(announced) ? undefined : serverBusy();
}
