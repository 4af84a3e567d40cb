import { bodyTooLarge } from './errors.ts';

/** The body of a request as it came. Throws `BodyTooLarge` as soon as it is seen to be larger, and reads no further. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) throw bodyTooLarge(limit);
  const pieces: Uint8Array[] = [];
  let size = 0;
  const reader = request.body?.getReader();
  for (;;) {
    const piece = await reader?.read();
    if (piece?.value === undefined) return Buffer.concat(pieces);
    size += piece.value.byteLength;
    if (size > limit) {
      await reader?.cancel().catch(() => undefined);
      throw bodyTooLarge(limit);
    }
    pieces.push(piece.value);
  }
}
