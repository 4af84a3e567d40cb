/** Bodies: what of them is held, and for how long. */
import { bodyTooLarge, type InferenceError, serverBusy } from '../errors.ts';
import type { BodyBudget } from './body-budget.ts';

/** The client went away before its request was whole: nobody is left to answer. */
export class ClientGone extends Error {}

export interface BodyLimits {
  /** Bytes that one body may have. */
  readonly bodyLimit: number;
  /** What all bodies share. */
  readonly bodyBudget: BodyBudget;
}

export interface HeldBody {
  readonly bytes: Buffer;
  /** Gives the bytes back to the budget. Call it once, when the request has ended. */
  release(): void;
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
  #first: Buffer | undefined;
  #pieces: Buffer[] | undefined;
  #size = 0;
  #taken = 0;
  #isDone = false;
  #resolve!: (body: HeldBody) => void;
  #reject!: (error: Error) => void;

  constructor(limits: BodyLimits) {
    this.#limits = limits;
    this.whole = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** False once nothing more of it is wanted. */
  take(piece: Buffer): boolean {
    if (this.#isDone) return false;
    const { bodyLimit, bodyBudget } = this.#limits;
    const cost = piece.length + bytesPerPiece;
    this.#size += piece.length;
    if (this.#size > bodyLimit) return this.#fail(bodyTooLarge(bodyLimit));
    if (!bodyBudget.take(cost)) return this.#fail(serverBusy());
    this.#taken += cost;
    if (this.#first === undefined) this.#first = piece;
    else if (this.#pieces === undefined) this.#pieces = [this.#first, piece];
    else this.#pieces.push(piece);
    return true;
  }

  /** All of it has come. */
  end(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    const pieces = this.#pieces;
    const bytes = pieces === undefined ? (this.#first ?? Buffer.alloc(0)) : Buffer.concat(pieces, this.#size);
    this.#resolve({ bytes, release: () => this.#limits.bodyBudget.give(this.#taken) });
  }

  /** Nothing more of it will come. */
  gone(): void {
    if (!this.#isDone) this.#fail(new ClientGone());
  }

  #fail(error: Error): false {
    this.#isDone = true;
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
