/** Answers to what is no request of HTTP, or none yet. Nobody has read it but HTTP; the connection is closed behind them. */
import { closingAnswer } from '../../../../libraries/unread-http/index.ts';
import type { InferenceError } from '../errors/inference-error.ts';
import type { Answer, Exchange } from './exchange.ts';

/** What a client was told whose request reached no handler, or did not come whole. */
export interface Refused {
  readonly error: InferenceError;
  /** Undefined where its head was not read. */
  readonly request: RefusedRequest | undefined;
}

export interface RefusedRequest {
  readonly exchange: Pick<Exchange, 'method' | 'url' | 'headers'>;
  /** When its head was read, by `performance.now()`. */
  readonly since: number;
}

export function refusal(error: InferenceError): Answer {
  const { status, message, code, hint } = error;
  const text = JSON.stringify({ error: message, code, hint });
  return {
    status,
    headers: ['content-type', 'application/json'],
    text,
    textLength: Buffer.byteLength(text),
  };
}

/** All of it, as it is sent where there is no exchange. */
export function refusalBytes(error: InferenceError): Buffer {
  const { status, text } = refusal(error);
  return closingAnswer(status, [['content-type', 'application/json']], text);
}
