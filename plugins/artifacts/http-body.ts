import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { OpenedArtifact, ResumePoint } from '../../core/capabilities/artifact-store.ts';
import { artifactRefused, artifactTooLarge, artifactUnreachable } from './errors.ts';
import { type HttpTimes, shown, unreachable } from './http-request.ts';
import type { ArtifactSettings } from './settings.ts';

export interface WantedBody {
  readonly maxBytes?: number | undefined;
  /** What was asked to be left out; undefined where all of it was asked for. */
  readonly resume?: ResumePoint | undefined;
}

/** Opens the body of a 200 or a 206. */
export function openBody(
  answer: IncomingMessage,
  url: URL,
  { maxBytes = Number.POSITIVE_INFINITY, resume }: WantedBody,
  settings: ArtifactSettings,
  times: HttpTimes,
): OpenedArtifact {
  const encoding = answer.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    answer.destroy();
    throw artifactRefused(
      shown(url),
      `the store sends it encoded as ${encoding}, although asked not to`,
      'Serve the file as it is: its digest is of those bytes.',
    );
  }
  const from = answer.statusCode === 206 ? beginningOf(answer) : 0;
  if (from !== 0 && from !== resume?.from) {
    answer.destroy();
    throw artifactUnreachable(shown(url), 'the store answers with another part than was asked for');
  }
  const length = Number(answer.headers['content-length'] ?? Number.NaN);
  const size = Number.isSafeInteger(length) ? from + length : undefined;
  if (size !== undefined && size > maxBytes) {
    answer.destroy();
    throw artifactTooLarge(shown(url), maxBytes, `the store announces ${size}`);
  }
  const validator = validatorOf(answer) ?? (from > 0 ? resume?.validator : undefined);
  return {
    size,
    from,
    ...(validator === undefined ? {} : { validator }),
    body: content(answer, shown(url), { from, limit: maxBytes }, settings, times),
  };
}

/** Where a part begins; NaN where it does not say, which is no place that was asked for. */
function beginningOf({ headers }: IncomingMessage): number {
  return Number(/^bytes (\d{1,15})-\d+\//.exec(headers['content-range'] ?? '')?.[1] ?? Number.NaN);
}

/** What names exactly these bytes: a weak tag does not. */
function validatorOf({ headers }: IncomingMessage): string | undefined {
  const { etag, 'last-modified': modified } = headers;
  return etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : modified;
}

/** What is left of an artifact: no more than its size, without long silence, in time. `where` is what a store may show. */
export async function* content(
  answer: Readable,
  where: string,
  { from, limit }: { readonly from: number; readonly limit: number },
  settings: ArtifactSettings,
  { signal, deadline }: HttpTimes,
): AsyncGenerator<Uint8Array> {
  const pieces = answer[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let read = from;
  try {
    for (;;) {
      const piece = await withinIdleTime(answer, pieces, settings.idleTimeoutMs);
      if (piece.done === true) return;
      read += piece.value.byteLength;
      if (read > limit) throw artifactTooLarge(where, limit, 'the store sends more');
      yield piece.value;
    }
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (deadline.aborted)
      throw artifactUnreachable(where, `not complete within ${settings.totalTimeoutMs} ms`);
    throw unreachable(where, error);
  } finally {
    answer.destroy();
  }
}

/** Waits for the next piece; the time that the reader takes between two of them does not count. */
async function withinIdleTime(
  answer: Readable,
  pieces: AsyncIterator<Uint8Array>,
  milliseconds: number,
): Promise<IteratorResult<Uint8Array>> {
  const timer = setTimeout(
    () => answer.destroy(new Error(`nothing came for ${milliseconds} ms`)),
    milliseconds,
  );
  try {
    return await pieces.next();
  } finally {
    clearTimeout(timer);
  }
}
