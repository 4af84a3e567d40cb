/** Lines of a file, as text. */
import { createReadStream } from 'node:fs';
import { jobUnusable } from '../errors.ts';

export interface LineOptions {
  readonly signal: AbortSignal;
  /** Told how many more bytes have been read. */
  readonly onBytes: (bytes: number) => void;
}

/** A row that is longer is no row of any request. */
const longest = 8 * 1024 * 1024;

/** Lines that are not empty, with their numbers from 1. Throws `JobUnusable` for what is not UTF-8, and for lines without end. */
export async function* linesOf(
  path: string,
  { signal, onBytes }: LineOptions,
): AsyncGenerator<readonly [line: number, text: string]> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const stream = createReadStream(path, { highWaterMark: 256 * 1024, signal });
  let number = 0;
  let rest = '';
  const decoded = (bytes?: Buffer): string => {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch {
      throw jobUnusable(`line ${number + 1} or one soon after it is not UTF-8`);
    }
  };
  for await (const bytes of stream as AsyncIterable<Buffer>) {
    onBytes(bytes.length);
    const lines = (rest + decoded(bytes)).split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > longest)
      throw jobUnusable(`line ${number + lines.length + 1} has more than ${longest} characters`);
    for (const line of lines) {
      number++;
      if (line.trim() !== '') yield [number, line];
    }
  }
  rest += decoded();
  if (rest.trim() !== '') yield [number + 1, rest];
}
