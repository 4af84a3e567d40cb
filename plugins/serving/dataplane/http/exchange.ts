/** One request and its answer, however the connection that it came by is served. */
import type { RunWatch } from '../lane/run-watch.ts';
import type { Turn } from '../lane/turn.ts';
import type { BodyLimits, HeldBody } from './body.ts';
import type { RequestFacts } from './request-facts.ts';

export interface Exchange extends RequestFacts {
  readonly method: string;
  /** As it came: path and query. */
  readonly url: string;
  /** Whether an answer was given, or nobody is left to take one. */
  readonly isAnswered: boolean;
  /** Told how an inference fares; undefined where nobody wants to know. */
  readonly watch?: RunWatch | undefined;
  /** Whose turn is given up when nobody is left to answer. */
  turn: Turn | undefined;
  /**
   * The body, where it has come and is small; undefined: read it. Call it while the request is handed over: the bytes are lent until
   * that returns. Throws `BodyTooLarge` or `ServerBusy`.
   */
  lentBody(limits: BodyLimits): HeldBody | undefined;
  /**
   * Reads the body within the limits; call it while the request is handed over, or never: a body that nobody reads is thrown
   * away. Rejects with `BodyTooLarge` or `ServerBusy`, at once where the announced length says
   * so, else as soon as too much has come. Rejects with `ClientGone` where the connection breaks.
   */
  readBody(limits: BodyLimits): Promise<HeldBody>;
  /** Sends the answer, whole. Content-Length and what is to be said of the connection are added. */
  answer(answer: Answer): void;
}

export interface Answer {
  readonly status: number;
  /** Names and values in turn; values hold nothing but visible ASCII and spaces. */
  readonly headers: readonly string[];
  /** Those that many answers have in common. */
  readonly common?: CommonHeaders;
  readonly text: string;
  /** Bytes of the text. */
  readonly textLength: number;
  /** What follows the text. */
  readonly binary?: readonly Buffer[];
}

/** Headers that many answers have, written down once. */
export class CommonHeaders {
  /** Names and values in turn. */
  readonly list: readonly string[];
  readonly text: string;

  constructor(list: readonly string[]) {
    this.list = list;
    this.text = headerLines(list);
  }
}

/** As they stand in the head of an answer. */
export function headerLines(headers: readonly string[]): string {
  let lines = '';
  for (let index = 0; index < headers.length; index += 2)
    lines += `${headers[index]}: ${headers[index + 1]}\r\n`;
  return lines;
}

export type ExchangeHandler = (exchange: Exchange) => void;

/** Names and values in turn, those that it has in common with others among them. */
export function allHeaders({ headers, common }: Answer): readonly string[] {
  return common === undefined ? headers : [...headers, ...common.list];
}

/** Bytes of the body of an answer. */
export function lengthOf({ textLength, binary = none }: Answer): number {
  let length = textLength;
  for (const bytes of binary) length += bytes.length;
  return length;
}

const none: readonly Buffer[] = [];
/** Up to so many bytes, a socket writes a text without asking for memory first. */
const mostAtOnce = 12 * 1024;

/** The body as one text of a character a byte, where it is small and its text is ASCII. */
export function smallBody({ text, textLength, binary = none }: Answer, length: number): string | undefined {
  if (length > mostAtOnce || textLength !== text.length) return undefined;
  let whole = text;
  for (const bytes of binary) whole += bytes.toString('latin1');
  return whole;
}
