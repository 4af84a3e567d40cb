import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';
import { artifactUnreadable, digestMismatch } from '../errors/load-errors.ts';

/**
 * Reads an artifact and checks its digest. What is returned is what was checked, in memory of its own: the file may change afterwards.
 * Throws `ArtifactUnreadable` or `DigestMismatch`.
 */
export async function readArtifact(path: string, digest: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    const file = await open(path);
    try {
      bytes = await readWhole(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw artifactUnreadable(path, error);
  }
  const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (actual !== digest) throw digestMismatch(path, digest, actual);
  return bytes;
}

const largestRead = 2 ** 30;

/** In one piece: `readFile` has a large file in memory twice, in pieces first. */
async function readWhole(file: FileHandle): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array((await file.stat()).size);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await file.read(bytes, length, Math.min(bytes.length - length, largestRead));
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
}
