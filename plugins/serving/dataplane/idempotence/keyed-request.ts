/**
 * A request with an `Idempotency-Key`: https://datatracker.ietf.org/doc/draft-ietf-httpapi-idempotency-key-header/. It is answered once. Who
 * sends it again within the window gets the same answer, and nothing else happens: no run, no line of the prediction log, no count, no shadow.
 */
import { createHash } from 'node:crypto';
import type { InferenceTarget } from '../ask/asked.ts';
import type { InferenceContext } from '../ask/infer.ts';
import { idempotencyKeyReused, idempotentRequestUnderWay } from '../errors/key-errors.ts';
import { invalidRequest } from '../errors/request-errors.ts';
import { ClientGone, type HeldBody } from '../http/body.ts';
import type { Exchange } from '../http/exchange.ts';
import { sendError } from '../http/json-answer.ts';
import type { KeptAnswer } from '../interface/claims.ts';
import { HeldExchange } from './held-exchange.ts';
import type { Idempotence } from './idempotence.ts';

export interface KeyedContext extends InferenceContext {
  readonly idempotence: Idempotence;
}

const keyHeader = 'idempotency-key';
const longestKey = 255;

export function hasKey({ headers }: Exchange): boolean {
  return headers[keyHeader] !== undefined;
}

/** `answer` answers the request as any other. Never rejects. */
export async function answerOnce(
  context: KeyedContext,
  target: InferenceTarget,
  exchange: Exchange,
  answer: (exchange: Exchange) => Promise<void>,
): Promise<void> {
  const { idempotence, metrics } = context;
  let held: HeldBody | undefined;
  let once: HeldExchange | undefined;
  let mine: string | undefined;
  try {
    const given = keyOf(exchange.headers[keyHeader]);
    // Nobody need send a body for it.
    context.router.find(target.environment, target.model);
    held = await exchange.readBody(context);
    const key = scoped(context, target, given);
    const claimed = await idempotence.claim(key, fingerprintOf(exchange, held.bytes));
    if (claimed.state === 'other') {
      idempotence.count('reused');
      throw idempotencyKeyReused();
    }
    if (claimed.state === 'underway') {
      idempotence.count('underway');
      throw idempotentRequestUnderWay();
    }
    if (claimed.state === 'answered') {
      idempotence.count('replayed');
      replay(exchange, claimed.answer);
      return;
    }
    idempotence.count('first');
    mine = key;
    once = new HeldExchange(exchange, held);
    await answer(once);
  } catch (error) {
    if (error instanceof ClientGone || exchange.isAnswered) return;
    metrics.countOther(sendError(exchange, error).status);
  } finally {
    if (mine !== undefined) idempotence.settle(mine, once?.kept);
    if (once?.isBodyTaken !== true) held?.release();
  }
}

function replay(exchange: Exchange, { status, headers, text, binary }: KeptAnswer): void {
  exchange.answer({
    status,
    headers: [...headers, 'idempotent-replayed', 'true'],
    text,
    textLength: Buffer.byteLength(text),
    ...(binary === undefined ? {} : { binary: binary.map((part) => Buffer.from(part, 'base64')) }),
  });
}

/** A string of structured fields (RFC 9651), as the draft has it. */
const quoted = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;
/** As most clients send it: whatever cannot be taken for a string, a list or parameters. */
const bare = /^[!#-+\--:<-[\]-~]+$/;

/** Throws `InvalidRequest`. */
export function keyOf(header: string | readonly string[] | undefined): string {
  const written = typeof header === 'string' ? header : '';
  const key = bare.test(written) ? written : quoted.exec(written)?.[1]?.replace(/\\(.)/g, '$1');
  if (key !== undefined && key !== '' && key.length <= longestKey) return key;
  throw invalidRequest(
    `Idempotency-Key must be one text of 1 to ${longestKey} characters of ASCII: in double quotes, or bare and without spaces, quotes, commas, semicolons and backslashes`,
    'Send a UUID, a new one for each request, and the same one when you send it again.',
  );
}

/** A key is of one deployment. It may tell something, and is kept as a digest. */
function scoped({ router }: InferenceContext, { environment, model }: InferenceTarget, key: string): string {
  const whose = environment ?? router.table?.defaultEnvironment ?? '';
  return digestOf(JSON.stringify([whose, model, key]));
}

/** Stands for all that the answer depends on, as far as it is the client's. */
function fingerprintOf({ url, headers }: Exchange, body: Buffer): string {
  const { 'content-type': type, 'content-encoding': encoding } = headers;
  return digestOf(JSON.stringify([url, type, encoding, headers['inference-header-content-length']]), body);
}

function digestOf(text: string, bytes: Buffer = Buffer.alloc(0)): string {
  return createHash('sha256').update(text).update('\0').update(bytes).digest('base64');
}
