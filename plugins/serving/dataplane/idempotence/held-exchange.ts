/** A request whose body was read before it is answered, and whose answer is kept, also where its client has gone meanwhile. */
import { bodyTooLarge } from '../errors/transport-errors.ts';
import type { BodyLimits, HeldBody } from '../http/body.ts';
import { type Answer, allHeaders, type Exchange, lengthOf } from '../http/exchange.ts';
import { ForwardedExchange } from '../http/forwarded-exchange.ts';
import { type KeptAnswer, longestKept } from '../interface/claims.ts';

export class HeldExchange extends ForwardedExchange {
  readonly #held: HeldBody;
  #turn: Exchange['turn'];
  #answered: Answer | undefined;
  #isBodyTaken = false;

  constructor(exchange: Exchange, held: HeldBody) {
    super(exchange);
    this.#held = held;
  }

  /** Nobody calls it off: a client that has gone will come again with its key, and is answered all the same. */
  override get turn(): Exchange['turn'] {
    return this.#turn;
  }

  override set turn(turn: Exchange['turn']) {
    this.#turn = turn;
  }

  override get isAnswered(): boolean {
    return this.#answered !== undefined;
  }

  /** Whether whoever answers has taken the body, and gives it back. */
  get isBodyTaken(): boolean {
    return this.#isBodyTaken;
  }

  override lentBody(): undefined {
    return undefined;
  }

  override async readBody({ bodyLimit }: BodyLimits): Promise<HeldBody> {
    if (this.#held.bytes.length > bodyLimit) throw bodyTooLarge(bodyLimit);
    this.#isBodyTaken = true;
    return this.#held;
  }

  answer(answer: Answer): void {
    if (this.#answered !== undefined) return;
    this.#answered = answer;
    if (!isGiven(answer) || this.kept !== undefined) this.exchange.answer(answer);
    else {
      const headers = [...answer.headers, 'switchyard-idempotency', 'not-kept'];
      this.exchange.answer({ ...answer, headers });
    }
  }

  /** What those are answered who come again; undefined where they are answered anew. Errors are not kept: another time may go better. */
  get kept(): KeptAnswer | undefined {
    const answered = this.#answered;
    if (answered === undefined || !isGiven(answered) || lengthOf(answered) > longestKept) return undefined;
    const { status, text, binary } = answered;
    return {
      ...{ status, headers: allHeaders(answered), text },
      ...(binary === undefined ? {} : { binary: binary.map((bytes) => bytes.toString('base64')) }),
    };
  }
}

function isGiven({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}
