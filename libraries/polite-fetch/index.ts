/** A `fetch` for the APIs of forges: it ends in time, repeats what may be repeated, and waits when it is told to. */
import { AnswerCache } from './answer-cache.ts';
import { type Trouble, unanswered, unfit } from './trouble.ts';
import { waitAskedFor } from './wait-asked-for.ts';

export { type Trouble, TroubleError } from './trouble.ts';

export interface PoliteOptions {
  /** From the request to the last byte of the answer, in milliseconds. Default 30,000. */
  readonly timeoutMs?: number;
  /** How often a read is repeated after a network failure or a 5xx. Default 2. */
  readonly retries?: number;
  /** Bytes that an answer may have. Default 64 MiB. */
  readonly largestAnswer?: number;
  /** Waits up to so many milliseconds are sat out; longer ones are the caller's. Default 2,000. */
  readonly patienceMs?: number;
  /** Makes the error that is thrown. Default: `TroubleError`. */
  readonly explain?: (trouble: Trouble) => Error;
  readonly fetch?: typeof fetch;
  /** Milliseconds since 1970: what a server names as a time is read against it where the server does not say its own. */
  readonly now?: () => number;
  /** Milliseconds of a clock that only goes forward: waits are measured by it. */
  readonly steady?: () => number;
  readonly sleep?: (ms: number) => Promise<void>;
}

/**
 * Asks as `fetch` does, and answers whatever the server has to say, save that it throws where there is no answer to be
 * had now: a network failure, a timeout, a 5xx, a rate limit (with the time to wait), a redirect, an answer too large.
 *
 * - Reads (GET, HEAD) are repeated a few times. What changes something is sent once: its answer may have been lost on
 *   the way back, and only a look tells.
 * - After a rate limit nothing is sent until the time is over, as forges ask for.
 * - Answers with an `ETag` are kept, and asked for anew with `If-None-Match`: an unchanged one is answered from here.
 * - What it says of a failure, or passes on of a refusal, does not hold the credentials that were sent.
 * - Redirects are not followed: credentials go where the operator said and nowhere else.
 */
export function politeFetch(options: PoliteOptions = {}): typeof fetch {
  const {
    timeoutMs = 30_000,
    retries = 2,
    largestAnswer = 64 * 1024 * 1024,
    patienceMs = 2_000,
    explain = unanswered,
    fetch: send = fetch,
    now = Date.now,
    steady = () => performance.now(),
    sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  } = options;
  const cache = new AnswerCache();
  let blockedUntil = Number.NEGATIVE_INFINITY;

  return async (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const method = (init.method ?? 'GET').toUpperCase();
    const where = `${method} ${url.origin}${url.pathname}`;
    const isRead = method === 'GET' || method === 'HEAD';
    const redact = redactor(new Headers(init.headers));
    const fail = (reason: string, more: Partial<Trouble> = {}) =>
      explain({ where, reason: redact(reason), isLasting: false, ...more });

    for (let attempt = 0; ; attempt++) {
      const blocked = Math.ceil(blockedUntil - steady());
      if (blocked > patienceMs) throw fail('it asked to wait', { retryAfterMs: blocked });
      if (blocked > 0) await sleep(blocked);
      let answer: Response;
      try {
        answer = await once(url, method, init);
      } catch (error) {
        if (init.signal?.aborted) throw init.signal.reason;
        if (error instanceof TooLarge) throw fail(error.message, { isLasting: true });
        if (isRead && attempt < retries) {
          await sleep(pause(attempt));
          continue;
        }
        throw fail(reasonOf(error, timeoutMs));
      }
      const wait = await waitAskedFor(answer, now());
      if (wait !== undefined) {
        blockedUntil = Math.max(blockedUntil, steady() + wait);
        if (isRead && wait <= patienceMs && attempt < retries) continue;
        throw fail(`too many requests (${answer.status})`, { retryAfterMs: wait });
      }
      if (answer.status >= 500) {
        if (isRead && attempt < retries) {
          await sleep(pause(attempt));
          continue;
        }
        throw fail(`it answered ${answer.status}`);
      }
      if (unfit(answer.status)) {
        throw fail(`it answered ${answer.status}, which leads elsewhere`, { isLasting: true });
      }
      return answer;
    }
  };

  async function once(url: URL, method: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const known = method === 'GET' ? cache.get(url.href, headers) : undefined;
    if (known !== undefined) headers.set('if-none-match', known.tag);
    const signals = [AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])];
    const answer = await send(url, {
      ...init,
      method,
      headers,
      redirect: 'manual',
      signal: AbortSignal.any(signals),
    });
    const body = await readAll(answer, largestAnswer);
    if (answer.status === 304 && known !== undefined) return from(url, known.answer());
    const clean = answer.status < 400 ? body : encode(redactor(headers)(decode(body)));
    const whole = new Response(clean.byteLength === 0 ? null : clean, {
      status: answer.status,
      statusText: answer.statusText,
      headers: answer.headers,
    });
    if (method === 'GET' && answer.status === 200) cache.put(url.href, headers, answer.headers, body);
    return from(url, whole);
  }
}

/** Takes the credentials of a request out of what is said of it, whoever says it. */
function redactor(headers: Headers): (text: string) => string {
  const secret = headers.get('authorization')?.split(' ').at(-1) ?? '';
  return (text) => (secret.length < 4 ? text : text.replaceAll(secret, '***'));
}

const encode = (text: string) => new Uint8Array(new TextEncoder().encode(text));
const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Says where an answer is from, as one of `fetch` itself does: client libraries read it to find the next page. */
function from(url: URL, answer: Response): Response {
  return Object.defineProperty(answer, 'url', { value: url.href });
}

class TooLarge extends Error {}

async function readAll(answer: Response, limit: number): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of answer.body ?? []) {
    size += piece.byteLength;
    if (size > limit) throw new TooLarge(`it answered more than ${limit} bytes`);
    pieces.push(piece);
  }
  return new Uint8Array(Buffer.concat(pieces));
}

/** Milliseconds: 250, 1,000, 4,000, … and up to a quarter more, so that many do not come back in step. */
function pause(attempt: number): number {
  return Math.round(250 * 4 ** attempt * (1 + Math.random() / 4));
}

function reasonOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  const cause = error.cause as { code?: unknown; message?: unknown } | undefined;
  return String(cause?.code ?? cause?.message ?? error.message);
}
