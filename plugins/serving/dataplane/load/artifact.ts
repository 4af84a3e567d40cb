import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { artifactUnreadable, digestMismatch } from '../errors.ts';

/**
 * Reads an artifact and checks its digest. What is returned is what was checked: the file may change afterwards.
 * Throws `ArtifactUnreadable` or `DigestMismatch`.
 */
export async function readArtifact(path: string, digest: string): Promise<Uint8Array<ArrayBuffer>> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw artifactUnreadable(path, error);
  }
  const actual = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (actual !== digest) throw digestMismatch(path, digest, actual);
  return bytes;
}
