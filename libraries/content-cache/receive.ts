import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { type Draft, discard, remember, stateOf } from './drafts.ts';
import { ContentCacheError, diskError } from './error.ts';

/** What a file must contain. */
export interface ContentId {
  /** `sha256:` and 64 lower-case hexadecimal digits. */
  readonly digest: string;
  /** Bytes. */
  readonly size: number;
}

/** The same for what is fetched once, whoever wants it. Of two sizes that are declared of a digest one is wrong, and fails for itself. */
export function contentKey({ digest, size }: ContentId): string {
  return `${digest} ${size}`;
}

/** What is here already of content that is asked for again. */
export interface ResumeFrom {
  /** Bytes that are not needed any more. */
  readonly from: number;
  /** What the source called the content when it gave them. */
  readonly validator: string;
}

/** Content, or the rest of it, from a source that can go on where it stopped. */
export interface Part {
  readonly body: AsyncIterable<Uint8Array>;
  /** Bytes that are left out at the beginning: as asked for, or 0 for all from the start. */
  readonly from?: number | undefined;
  /** A name of exactly this content. With it, what came is kept where the rest does not come. */
  readonly validator?: string | undefined;
}

/** Gives the content from where it lies. Without `resume`, all of it. */
export type Source = (signal: AbortSignal, resume?: ResumeFrom) => Promise<AsyncIterable<Uint8Array> | Part>;

/**
 * Writes a source into a draft while hashing it, and syncs it to the disk. Memory does not grow with its size, and no byte
 * beyond the declared size is written. A draft of an earlier try is gone on with where the source can; whatever it holds, what
 * counts is the digest of the whole.
 */
export async function receive(
  content: ContentId,
  source: Source,
  draft: Draft,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const known = await stateOf(draft);
  if (known !== undefined && (await goOn(content, source, draft, folder, signal, known.validator))) return;
  await discard(draft);
  await goOn(content, source, draft, folder, signal, undefined);
}

/** Gives false where what there was of it turned out to be something else. */
async function goOn(
  content: ContentId,
  source: Source,
  draft: Draft,
  folder: string,
  signal: AbortSignal,
  validator: string | undefined,
): Promise<boolean> {
  const file = await onDisk(open(draft.bytes, validator === undefined ? 'w+' : 'a+', 0o600), content, folder);
  let isOfUse = validator !== undefined;
  try {
    const hash = createHash('sha256');
    let received = validator === undefined ? 0 : await onDisk(hashed(file, hash, signal), content, folder);
    let running: Hash = hash;
    const before = received;
    if (received > content.size) return false;
    if (received < content.size || validator === undefined) {
      const resume = validator === undefined || received === 0 ? undefined : { from: received, validator };
      const part = partOf(await source(signal, resume));
      const from = part.from ?? 0;
      if (from !== received) {
        if (from !== 0)
          throw new TypeError(
            `asked for the bytes from ${received} on, the source gave those from ${from} on`,
          );
        await onDisk(file.truncate(0), content, folder);
        running = createHash('sha256');
        received = 0;
      }
      isOfUse = part.validator !== undefined;
      if (part.validator !== undefined && part.validator !== validator)
        await onDisk(remember(draft, { validator: part.validator }), content, folder);
      for await (const piece of part.body) {
        signal.throwIfAborted();
        received += piece.byteLength;
        if (received > content.size) {
          isOfUse = false;
          throw new ContentCacheError(
            'TooLarge',
            folder,
            `more than the declared ${content.size} bytes came`,
          );
        }
        running.update(piece);
        await onDisk(writeAll(file, piece), content, folder);
      }
    }
    if (received < content.size) {
      const message = `only ${received} of the declared ${content.size} bytes came`;
      throw new ContentCacheError('Truncated', folder, message);
    }
    const digest = `sha256:${running.digest('hex')}`;
    if (digest !== content.digest) {
      isOfUse = false;
      if (before > 0) return false;
      throw new ContentCacheError(
        'DigestMismatch',
        folder,
        `the content has ${digest}, not ${content.digest}`,
      );
    }
    await onDisk(file.sync(), content, folder);
    return true;
  } catch (error) {
    // A disk that is full must not stay so because of what cannot be finished.
    if (!isOfUse || (error instanceof ContentCacheError && error.problem !== 'Truncated'))
      await discard(draft);
    throw error;
  } finally {
    await file.close();
  }
}

function partOf(answer: AsyncIterable<Uint8Array> | Part): Part {
  return 'body' in answer ? answer : { body: answer };
}

/** Reads what is there already, and says how much that is. */
async function hashed(file: FileHandle, hash: Hash, signal: AbortSignal): Promise<number> {
  const buffer = Buffer.allocUnsafe(1024 * 1024);
  for (let position = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await file.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return position;
    hash.update(buffer.subarray(0, bytesRead));
    position += bytesRead;
  }
}

async function writeAll(file: FileHandle, piece: Uint8Array): Promise<void> {
  for (let offset = 0; offset < piece.byteLength; ) {
    const { bytesWritten } = await file.write(piece, offset);
    offset += bytesWritten;
  }
}

async function onDisk<T>(work: Promise<T>, content: ContentId, folder: string): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error as NodeJS.ErrnoException).syscall) throw error;
    throw diskError(error, folder, content.size);
  }
}
