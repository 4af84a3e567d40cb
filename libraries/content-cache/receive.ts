import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import type { ContentId } from './content-cache.ts';
import { ContentCacheError, diskError } from './error.ts';

/**
 * Writes a source into a new file while hashing it, and syncs it to the disk. Memory does not grow with its size, and no
 * byte beyond the declared size is written.
 */
export async function receive(
  content: ContentId,
  source: (signal: AbortSignal) => Promise<AsyncIterable<Uint8Array>>,
  path: string,
  folder: string,
  signal: AbortSignal,
): Promise<void> {
  const file = await onDisk(open(path, 'wx', 0o600), content, folder);
  try {
    const hash = createHash('sha256');
    let received = 0;
    for await (const piece of await source(signal)) {
      signal.throwIfAborted();
      received += piece.byteLength;
      if (received > content.size) {
        throw new ContentCacheError('TooLarge', folder, `more than the declared ${content.size} bytes came`);
      }
      hash.update(piece);
      await onDisk(writeAll(file, piece), content, folder);
    }
    if (received < content.size) {
      const message = `only ${received} of the declared ${content.size} bytes came`;
      throw new ContentCacheError('Truncated', folder, message);
    }
    const digest = `sha256:${hash.digest('hex')}`;
    if (digest !== content.digest) {
      throw new ContentCacheError(
        'DigestMismatch',
        folder,
        `the content has ${digest}, not ${content.digest}`,
      );
    }
    await onDisk(file.sync(), content, folder);
  } finally {
    await file.close();
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
    throw diskError(error, folder, content.size);
  }
}
