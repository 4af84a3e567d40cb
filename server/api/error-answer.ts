import { type CodedError, isCodedError } from '../../core/errors.ts';
import { type Logger, messageOf } from '../../core/plugin.ts';
import { internalError } from './errors.ts';

/** Answers with an error. What is not ours goes to the log. */
export function answerError(thrown: unknown, log: Logger, path: string): Response {
  const error = isCodedError(thrown) ? thrown : internalError();
  if ((error.status ?? 500) >= 500)
    log.error({ path, code: error.code, error: messageOf(thrown) }, 'a request failed');
  return errorAnswer(error);
}

/** What an error looks like on the wire: `{"error":{"code","message","where","hint"}}`. */
export function errorAnswer(error: CodedError): Response {
  const { code, message, where, hint, status = 500 } = error;
  return new Response(JSON.stringify({ error: { code, message, where, hint } }), {
    status,
    headers: {
      'content-type': 'application/json',
      'cache-control': 'no-store',
      ...extraHeaders(status),
      ...retryAfter(error),
    },
  });
}

/** When another try makes sense, where the error knows. */
function retryAfter(error: object): Record<string, string> {
  const { retryAfterMs } = error as { retryAfterMs?: unknown };
  return typeof retryAfterMs === 'number' ? { 'retry-after': String(Math.ceil(retryAfterMs / 1000)) } : {};
}

function extraHeaders(status: number): Record<string, string> {
  switch (status) {
    case 401:
      return { 'www-authenticate': 'Bearer realm="switchyard"' };
    case 413:
      return { connection: 'close' };
    default:
      return {};
  }
}
