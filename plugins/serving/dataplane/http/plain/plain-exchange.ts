/** A plain request and its answer. */
import { type IncomingHttpHeaders, STATUS_CODES } from 'node:http';
import type { Turn } from '../../lane/turn.ts';
import { largestShared } from '../../tensor/row-memory.ts';
import { type BodyLimits, ClientGone, type HeldBody, IncomingBody, refusalOf, WholeBody } from '../body.ts';
import { type Answer, type Exchange, headerLines, lengthOf, smallBody } from '../exchange.ts';
import type { PlainConnection, PlainConnectionOptions } from './plain-connection.ts';
import type { PlainHead } from './plain-head.ts';

/** Larger bodies may be kept as they are by whoever decodes them. */
const mostLent = largestShared;

/** Of a body that is too large, the end is not waited for. */
const tooLarge = 413;

export class PlainExchange implements Exchange {
  turn: Turn | undefined = undefined;
  readonly #connection: PlainConnection;
  readonly #options: Pick<PlainConnectionOptions, 'isLast' | 'keepAliveTimeoutMs'>;
  readonly #head: PlainHead;
  /** What has come of the body before anybody read it: lent until the handler returns. */
  #begun: Buffer | undefined;
  readonly #begunAt: number;
  readonly #begunEnd: number;
  #bodyLeft: number;
  #body: IncomingBody | undefined;
  #isAnswered = false;

  constructor(
    connection: PlainConnection,
    head: PlainHead,
    begun: Buffer,
    begunAt: number,
    begunEnd: number,
    bodyLeft: number,
    options: Pick<PlainConnectionOptions, 'isLast' | 'keepAliveTimeoutMs'>,
  ) {
    this.#connection = connection;
    this.#head = head;
    this.#begun = begun;
    this.#begunAt = begunAt;
    this.#begunEnd = begunEnd;
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

  lentBody(limits: BodyLimits): HeldBody | undefined {
    if (this.#bodyLeft > 0 || this.#isAnswered || this.#head.bodyLength > mostLent) return undefined;
    const begun = this.#takeBegun();
    return WholeBody.lent(begun, limits);
  }

  readBody(limits: BodyLimits): Promise<HeldBody> {
    const refused = refusalOf(this.#head.bodyLength, limits);
    if (refused !== undefined) return Promise.reject(refused);
    if (this.#isAnswered) return Promise.reject(new ClientGone());
    const body = new IncomingBody(limits, this.#head.bodyLength);
    this.#body = body;
    const begun = this.#takeBegun();
    if (begun.length > 0) body.take(begun);
    if (this.#bodyLeft === 0) body.end();
    return body.whole;
  }

  #takeBegun(): Buffer {
    const begun = this.#begun;
    if (begun === undefined) throw new Error('a body is read while its request is handed over, and once');
    this.#begun = undefined;
    return begun.subarray(this.#begunAt, this.#begunEnd);
  }

  /** The handler has returned: what it did not read of the body is gone. */
  handedOver(): void {
    this.#begun = undefined;
  }

  /** The next piece of the body, which is lent, and how many bytes are left behind it. */
  takeBody(piece: Buffer, left: number): void {
    this.#bodyLeft = left;
    if (this.#body?.take(piece) === true && left === 0) this.#body.end();
  }

  /** For so many milliseconds it was not read, whatever had come. */
  putOff(milliseconds: number): void {
    this.#body?.putOff(milliseconds);
  }

  /** Nobody is left to answer. */
  gone(): void {
    this.#isAnswered = true;
    this.#body?.gone();
    this.turn?.leave?.();
  }

  answer(answer: Answer): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    const { status, headers, common } = answer;
    const length = lengthOf(answer);
    const isLast = this.#options.isLast();
    const begin = status === 200 ? 'HTTP/1.1 200 OK\r\n' : `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    const end = isLast
      ? `${dateLine()}Connection: close\r\n\r\n`
      : lastLines(this.#options.keepAliveTimeoutMs);
    const head = `${begin}${headerLines(headers)}${common?.text ?? ''}content-length: ${length}\r\n${end}`;
    const isBodyUnwanted = status === tooLarge;
    if (this.#head.method === 'HEAD') {
      this.#connection.send([head], isLast, isBodyUnwanted);
      return;
    }
    const small = smallBody(answer, length);
    const pieces =
      small === undefined ? [head, Buffer.from(answer.text), ...(answer.binary ?? [])] : [head + small];
    this.#connection.send(pieces, isLast, isBodyUnwanted);
  }
}

let date: string | undefined;
let last: string | undefined;
let lastTimeoutMs = 0;

/** Written once a second. */
function dateLine(): string {
  if (date === undefined) {
    const now = new Date();
    date = `Date: ${now.toUTCString()}\r\n`;
    last = undefined;
    setTimeout(() => {
      date = undefined;
    }, 1000 - now.getMilliseconds()).unref();
  }
  return date;
}

/** What each head ends with that another may follow. */
function lastLines(keepAliveTimeoutMs: number): string {
  const line = dateLine();
  if (last === undefined || lastTimeoutMs !== keepAliveTimeoutMs) {
    const seconds = Math.floor(keepAliveTimeoutMs / 1000);
    last = `${line}Connection: keep-alive\r\nKeep-Alive: timeout=${seconds}\r\n\r\n`;
    lastTimeoutMs = keepAliveTimeoutMs;
  }
  return last;
}
