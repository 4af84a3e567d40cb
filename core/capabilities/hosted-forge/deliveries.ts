import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Logger, WebhookDelivery } from '../../plugin.ts';
import type { Forge } from '../forge.ts';
import { deliveryRefused, deliveryRepeated, deliveryUnreadable } from './errors.ts';

export interface DeliveryOptions {
  /** What the operator and the forge share; undefined where none is configured, and then nothing is believed. */
  readonly secret: () => string | undefined;
  /** Whether whoever knows the secret sent these bytes. */
  readonly proves: (delivery: WebhookDelivery, secret: string) => boolean;
  /** The forge's own name for this delivery. */
  readonly identity: (headers: Headers) => string | undefined;
  /** What it is about; undefined where it is of no interest. */
  readonly understand: (headers: Headers, payload: unknown) => Heard | undefined;
  /** Is told to look. */
  readonly look: () => void;
  readonly log: Logger;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

export interface Heard {
  /** Of the proposal. */
  readonly number?: number;
  /** RFC 3339: when it happened, where the payload says. */
  readonly at?: string;
}

export interface Deliveries {
  receive(delivery: WebhookDelivery): Promise<Response>;
  readonly onHint: NonNullable<Forge['onHint']>;
}

/** A delivery that speaks of what happened earlier than this is not believed: milliseconds. */
const oldest = 24 * 60 * 60 * 1000;
const remembered = 20_000;

/**
 * Takes the deliveries of one forge. It believes nothing before the signature, forgets what was in it afterwards, and
 * passes on "look", with the number of the proposal. What was delivered before is refused: by the forge's name for it, which
 * nobody signs, and by its bytes.
 */
export function receiveDeliveries(options: DeliveryOptions): Deliveries {
  const { secret, proves, identity, understand, look, log, now = Date.now } = options;
  const listeners = new Set<(number: number | undefined) => void>();
  const seen = new Set<string>();

  return {
    async receive(delivery) {
      const shared = secret();
      if (shared === undefined || !proves(delivery, shared)) {
        const why = shared === undefined ? 'no secret is configured' : 'its signature is missing or wrong';
        log.warn({ bytes: delivery.body.byteLength, why }, 'a webhook delivery was refused');
        throw deliveryRefused();
      }
      const { headers } = delivery;
      const payload = payloadOf(delivery);
      const names = [`bytes ${sha256(delivery.body)}`];
      const id = identity(headers);
      if (id !== undefined) names.push(`id ${id}`);
      if (names.some((name) => seen.has(name))) throw deliveryRepeated('it came before');
      const heard = understand(headers, payload);
      if (heard?.at !== undefined && now() - Date.parse(heard.at) > oldest) {
        throw deliveryRepeated('it tells of what is long past');
      }
      for (const name of names) remember(seen, name);
      if (heard === undefined) return answer({ ignored: true });
      look();
      for (const listener of listeners) listener(heard.number);
      log.debug({ number: heard.number }, 'a webhook delivery says look');
      return answer({ looking: true });
    },
    onHint(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** Whether a header holds the HMAC-SHA-256 of the bytes, in hexadecimal. Takes as long for a wrong one as for a right one. */
export function isHmac(given: string | null, body: Uint8Array, secret: string): boolean {
  if (given === null || !/^[0-9a-f]{64}$/i.test(given)) return false;
  const expected = createHmac('sha256', secret).update(body).digest();
  return timingSafeEqual(Buffer.from(given, 'hex'), expected);
}

/** Whether a header holds the secret itself. Takes as long for a wrong one as for a right one. */
export function isSecret(given: string | null, secret: string): boolean {
  if (given === null) return false;
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(secret));
}

/** JSON, or JSON in the field `payload` of a form: the forges offer both. */
function payloadOf({ headers, body }: WebhookDelivery): unknown {
  const text = Buffer.from(body).toString('utf8');
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers.get('content-type') ?? '');
  try {
    return JSON.parse(isForm ? (new URLSearchParams(text).get('payload') ?? '') : text);
  } catch {
    throw deliveryUnreadable();
  }
}

function remember(seen: Set<string>, name: string): void {
  seen.add(name);
  if (seen.size > remembered) seen.delete(seen.values().next().value!);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function answer(body: object): Response {
  return new Response(JSON.stringify(body), {
    status: 202,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store' },
  });
}
