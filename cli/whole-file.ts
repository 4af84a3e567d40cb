import { createWriteStream } from 'node:fs';
import { access, constants, open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { putInPlace } from '../libraries/durable-file/index.ts';
import { fileExists, fileNotWritable } from './errors.ts';
import { exists } from './exists.ts';
import { outputPlace } from './output-place.ts';

/**
 * Writes a stream into a file that is there whole or not at all: until it has come to its end, what was there stays. A pipe or a
 * device is written to as it comes. Throws `FileExists` where the file is there and `force` is not given, and what the stream throws.
 */
export async function writeWhole(named: string, body: Readable, force: boolean): Promise<void> {
  const { path, mode, isThere, isReplaceable } = await outputPlace(named);
  if (isThere && !force) throw fileExists(path);
  if (!isReplaceable) return pipeline(body, createWriteStream(path));
  // A file that may not be written is none to be replaced, whatever its folder permits.
  if (isThere) await access(path, constants.W_OK);
  const draft = `${path}.${process.pid}.draft`;
  try {
    const file = await open(draft, 'w', mode);
    if (isThere) await file.chmod(mode);
    await pipeline(body, file.createWriteStream({ flush: true }));
    if (!force && (await exists(path))) throw fileExists(path);
    await putInPlace(draft, path);
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/** Writes over whatever is there, whole or not at all. Throws `FileNotWritable`. */
export async function writeOver(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeWhole(path, Readable.from([content]), true);
  } catch (error) {
    throw fileNotWritable(path, error);
  }
}
