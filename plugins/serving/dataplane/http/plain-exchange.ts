/** A plain request and its answer. */
import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http';
import { type BodyLimits, ClientGone, type HeldBody, IncomingBody, refusalOf } from './body.ts';
import { type Answer, type Exchange, lengthOf, smallBody } from './exchange.ts';
import type { PlainConnection, PlainConnectionOptions } from './plain-connection.ts';
import type { PlainHead } from './plain-head.ts';

export class PlainExchange implements Exchange {
  readonly #connection: PlainConnection;
  readonly #options: Pick<PlainConnectionOptions, 'isLast' | 'keepAliveTimeoutMs'>;
  readonly #head: PlainHead;
  /** What has come of the body before anybody read it. */
  #begun: Buffer | undefined;
  #bodyLeft: number;
  #body: IncomingBody | undefined;
  #isAnswered = false;

  constructor(
    connection: PlainConnection,
    head: PlainHead,
    begun: Buffer,
    bodyLeft: number,
    options: Pick<PlainConnectionOptions, 'isLast' | 'keepAliveTimeoutMs'>,
  ) {
    this.#connection = connection;
    this.#head = head;
    this.#begun = begun;
    this.#bodyLeft = bodyLeft;
    this.#options = options;
  }

  get method(): string {
    return this.#head.method;
  }

  get url(): string {
    return this.#head.url;
  }

  get headers(): IncomingHttpHeaders {
    return this.#head.headers;
  }

  get isAnswered(): boolean {
    return this.#isAnswered;
  }

  readBody(limits: BodyLimits): Promise<HeldBody> {
    const refused = refusalOf(this.#head.bodyLength, limits);
    if (refused !== undefined) return Promise.reject(refused);
    if (this.#isAnswered) return Promise.reject(new ClientGone());
    const body = new IncomingBody(limits);
    this.#body = body;
    const begun = this.#begun!;
    this.#begun = undefined;
    if (begun.length > 0) body.take(begun);
    if (this.#bodyLeft === 0) body.end();
    return body.whole;
  }

  /** The next piece of the body, and how many bytes are left behind it. */
  takeBody(piece: Buffer, left: number): void {
    this.#bodyLeft = left;
    if (this.#body?.take(piece) === true && left === 0) this.#body.end();
  }

  /** Nobody is left to answer. */
  gone(): void {
    this.#isAnswered = true;
    this.#body?.gone();
  }

  answer(answer: Answer): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const { status, headers } = answer;
    const length = lengthOf(answer);
    const isLast = this.#options.isLast();
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    for (let index = 0; index < headers.length; index += 2)
      head += `${headers[index]}: ${headers[index + 1]}\r\n`;
    head += `content-length: ${length}\r\nDate: ${dateNow()}\r\n`;
    head += isLast
      ? 'Connection: close\r\n\r\n'
      : `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.#options.keepAliveTimeoutMs / 1000)}\r\n\r\n`;
    if (this.#head.method === 'HEAD') {
      this.#connection.send([head], isLast);
      return;
    }
    const small = smallBody(answer, length);
    if (small !== undefined) this.#connection.send([head + small], isLast);
    else this.#connection.send([head, Buffer.from(answer.text), ...(answer.binary ?? [])], isLast);
  }
}

let second = Number.NaN;
let date = '';

/** As the Date header has it; written once a second. */
function dateNow(): string {
  const now = Math.floor(Date.now() / 1000);
  if (now !== second) {
    second = now;
    date = new Date(now * 1000).toUTCString();
  }
  return date;
}
