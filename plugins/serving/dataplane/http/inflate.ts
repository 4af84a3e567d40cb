/** Unfolds bodies that were sent compressed, within the limits that all bodies have. */
import { createBrotliDecompress, createGunzip, createInflate, type Gunzip } from 'node:zlib';
import { invalidRequest } from '../errors/request-errors.ts';
import { type BodyLimits, type HeldBody, IncomingBody } from './body.ts';

const inflaters: Readonly<Record<string, () => Gunzip>> = {
  br: createBrotliDecompress as never,
  deflate: createInflate,
  gzip: createGunzip,
};

export function isInflatable(encoding: string): boolean {
  return Object.hasOwn(inflaters, encoding);
}

/**
 * What a body holds. Bytes count as they come out: whoever sends a little that unfolds without end gets no further than the
 * limit. Both forms are held until the end of it, then the compressed one is given back. Rejects with `BodyTooLarge`, `ServerBusy` or `InvalidRequest`,
 * and then gives nothing back.
 */
export async function inflated(held: HeldBody, encoding: string, limits: BodyLimits): Promise<HeldBody> {
  const body = new IncomingBody(limits);
  body.putOff(held.putOff);
  const inflater = inflaters[encoding]!();
  const end = (): void => {
    inflater.destroy();
  };
  inflater.on('data', (piece: Buffer) => {
    if (!body.take(piece)) end();
  });
  inflater.on('end', () => body.end());
  inflater.on('error', (error) => {
    body.fail(invalidRequest(`the body is not the ${encoding} that it is said to be: ${error.message}`));
  });
  inflater.end(held.bytes);
  try {
    const whole = await body.whole;
    held.release();
    return whole;
  } finally {
    end();
  }
}
