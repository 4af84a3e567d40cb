import { stat } from 'node:fs/promises';
import { fileUnreadable } from './errors.ts';

export interface FileFacts {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** Of a file that is to be read. Throws `FileUnreadable`, for a folder too, whatever it is called. */
export async function fileFacts(path: string): Promise<FileFacts> {
  const facts = await stat(path).catch((error: unknown) => {
    throw fileUnreadable(path, error);
  });
  if (facts.isDirectory()) throw fileUnreadable(path, new Error('it is a folder'));
  return { size: facts.size, modified: facts.mtimeMs };
}
