/** Answers to what is no request of HTTP, or none yet. Nobody has read it but HTTP; the connection is closed behind them. */
import { maxHeaderSize, STATUS_CODES } from 'node:http';
import type { InferenceError } from '../errors/inference-error.ts';
import {
  chunkExtensionsTooLarge,
  headersTooLarge,
  malformedRequest,
  requestTimedOut,
} from '../errors/transport-errors.ts';
import { type Answer, type Exchange, headerLines } from './exchange.ts';

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
  const { status, headers, text, textLength } = refusal(error);
  const date = new Date().toUTCString();
  const lines = headerLines([
    ...headers,
    ...['content-length', String(textLength), 'Date', date, 'Connection', 'close'],
  ]);
  return Buffer.from(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines}\r\n${text}`);
}

/** `error` is what `node:http` says of what it cannot read. */
export function unreadable(
  error: Error & { readonly code?: string; readonly reason?: string },
): InferenceError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return headersTooLarge(maxHeaderSize);
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return chunkExtensionsTooLarge();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return requestTimedOut();
    case 'HPE_INVALID_EOF_STATE':
      return malformedRequest('the connection ended within it');
    default:
      return malformedRequest(error.reason ?? 'it does not keep to the protocol');
  }
}
