import { maxHeaderSize } from 'node:http';

/** Why a request was not read. */
export class UnreadHttpError extends Error {
  override readonly name = 'UnreadHttpError';
  readonly code: string;
  /** As HTTP has it. */
  readonly status: number;
  /** What to do next. */
  readonly hint: string;

  constructor(code: string, status: number, message: string, hint: string) {
    super(message);
    this.code = code;
    this.status = status;
    this.hint = hint;
  }
}

/** `error` is what `node:http` tells the listeners of `clientError`. */
export function unreadHttp(
  error: Error & { readonly code?: string; readonly reason?: string },
): UnreadHttpError {
  switch (error.code) {
    case 'HPE_HEADER_OVERFLOW':
      return new UnreadHttpError(
        'HeadersTooLarge',
        431,
        `the headers are larger than ${maxHeaderSize} bytes`,
        'Send fewer or shorter headers; cookies are often what is long.',
      );
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return new UnreadHttpError(
        'BodyTooLarge',
        413,
        'the extensions of the chunks of the body are too large',
        'Send chunks without extensions, or a Content-Length.',
      );
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return timedOutHttp();
    case 'HPE_INVALID_EOF_STATE':
      return malformedHttp('the connection ended within it');
    default:
      return malformedHttp(error.reason ?? 'it does not keep to the protocol');
  }
}

/** It is no request of HTTP. `why` follows "the request cannot be read". */
export function malformedHttp(why: string): UnreadHttpError {
  return new UnreadHttpError(
    'MalformedRequest',
    400,
    `the request cannot be read as HTTP: ${why}`,
    'This port takes HTTP/1.1 without TLS: one Host, and one Content-Length or chunks.',
  );
}

/** Its client did not send all of it in time. */
export function timedOutHttp(): UnreadHttpError {
  return new UnreadHttpError(
    'RequestTimeout',
    408,
    'the request had not come whole in time',
    'Send it again, on a new connection and without a pause. None of it was run.',
  );
}
