/** How errors are told over gRPC: https://grpc.io/docs/guides/status-codes. */
import { InferenceError } from '../errors/inference-error.ts';

export const codes = {
  ok: 0,
  invalidArgument: 3,
  deadlineExceeded: 4,
  notFound: 5,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  internal: 13,
  unavailable: 14,
} as const;

const byStatus: Readonly<Record<number, number>> = {
  400: codes.invalidArgument,
  404: codes.notFound,
  405: codes.unimplemented,
  406: codes.failedPrecondition,
  408: codes.deadlineExceeded,
  409: codes.failedPrecondition,
  413: codes.resourceExhausted,
  415: codes.unimplemented,
  429: codes.resourceExhausted,
  503: codes.unavailable,
  504: codes.deadlineExceeded,
};

/** Whoever is told that a server is unavailable tries another one; memory that is used up is what this code is for. */
const byCode: Readonly<Record<string, number>> = {
  ServerBusy: codes.resourceExhausted,
  // As other servers of gRPC have it: who writes it is the client's library, and no caller.
  InvalidCallTimeout: codes.internal,
};

/**
 * Bytes of a text, which may be written as three times as many. Names in messages come from clients, and trailers that no client takes, as
 * most do not beyond 8 KiB, would hold up the whole connection.
 */
const longestText = 1_000;

/** Trailers. */
export type CallStatus = Readonly<Record<string, string | number>>;

export const okTrailers: CallStatus = { 'grpc-status': codes.ok, 'grpc-message': 'OK' };

/** The status of an error, with its code, its hint and when to come again among the trailers. `facts` are names and values in turn. */
export function statusOf(error: InferenceError, facts: readonly string[] = []): CallStatus {
  const trailers: Record<string, string | number> = {};
  for (let index = 0; index + 1 < facts.length; index += 2) trailers[facts[index]!] = facts[index + 1]!;
  const { code, hint, retryAfter, message } = error;
  trailers['grpc-status'] = byCode[code] ?? byStatus[error.status] ?? codes.internal;
  trailers['grpc-message'] = encodeURI(shortened(hint === undefined ? message : `${message}. ${hint}`));
  trailers['switchyard-code'] = code;
  if (hint !== undefined) trailers['switchyard-hint-bin'] = Buffer.from(shortened(hint)).toString('base64');
  // What gRPC clients read to wait before they try again: milliseconds.
  if (retryAfter !== undefined) trailers['grpc-retry-pushback-ms'] = Math.ceil(retryAfter * 1000);
  return trailers;
}

/** A message is compressed in a way that is not known here. */
export function unknownEncoding(encoding: unknown): InferenceError {
  const named = typeof encoding === 'string' ? ` with ${encoding.slice(0, 40)}` : '';
  return new InferenceError('UnsupportedMediaType', 415, `the message is compressed${named}`, {
    hint: 'Send it as it is, or with gzip or deflate.',
  });
}

export function malformedTimeout(): InferenceError {
  return new InferenceError('InvalidCallTimeout', 400, 'the call has a grpc-timeout that is none', {
    hint: 'It is a number of at most eight digits and a unit: H, M, S, m, u or n.',
  });
}

export function unknownMethod(path: string): InferenceError {
  return new InferenceError('MethodNotAllowed', 405, `there is no method ${path.slice(0, 200)}`);
}

function shortened(text: string): string {
  // Half a character, which a name that was cut ends with, has no form on the wire: it becomes a replacement character.
  const bytes = Buffer.from(text);
  if (bytes.length <= longestText) return bytes.toString();
  let end = longestText;
  while (isWithinCharacter(bytes[end]!)) end--;
  return `${bytes.toString('utf8', 0, end)}…`;
}

/** Whether a byte of UTF-8 is not the first of its character. */
function isWithinCharacter(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}
