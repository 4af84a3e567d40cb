/** Reads bodies, and unfolds those that were sent compressed. */
import type { BodyLimits, HeldBody } from './body.ts';
import type { Exchange } from './exchange.ts';
import { inflated } from './inflate.ts';

/** How a body is compressed, in lower case: any case means the same. Undefined where it is as it is. */
export function encodingOf({ headers }: Pick<Exchange, 'headers'>): string | undefined {
  const encoding = headers['content-encoding']?.toLowerCase();
  return encoding === 'identity' ? undefined : encoding;
}

/** As `Exchange.lentBody`. */
export function lentBody(exchange: Exchange, limits: BodyLimits): HeldBody | undefined {
  return encodingOf(exchange) === undefined ? exchange.lentBody(limits) : undefined;
}

/** As `Exchange.readBody`. What it unfolds to has the same limit, and counts as it comes. */
export async function readBody(exchange: Exchange, limits: BodyLimits): Promise<HeldBody> {
  const encoding = encodingOf(exchange);
  const held = await exchange.readBody(limits);
  if (encoding === undefined) return held;
  try {
    return await inflated(held, encoding, limits);
  } catch (error) {
    held.release();
    throw error;
  }
}
