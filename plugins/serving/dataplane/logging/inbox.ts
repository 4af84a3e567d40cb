import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Bytes that are written in one go. While the system copies them it has a processor to itself, which requests wait for where all
 * of them are busy: a part takes a fifth of a millisecond, a whole batch two.
 */
const atOnce = 256 * 1024;

/** Puts a batch, given in parts, where the log looks for it: there whole, or not at all. */
export async function putIntoInbox(inbox: string, name: string, parts: readonly Buffer[]): Promise<void> {
  const draft = join(inbox, `${name}.draft`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      for (const slices of slicesOf(parts)) {
        const wanted = slices.reduce((sum, { length }) => sum + length, 0);
        const { bytesWritten } = await file.writev(slices);
        if (bytesWritten < wanted)
          throw Object.assign(new Error('the disk took a part of it'), { code: 'ENOSPC' });
      }
    } finally {
      await file.close();
    }
    await rename(draft, join(inbox, name));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}

/** The same bytes in the same order, to be written one list after the other. Small parts go with what follows them. */
function* slicesOf(parts: readonly Buffer[]): Generator<readonly Buffer[]> {
  let slices: Buffer[] = [];
  let room = atOnce;
  for (const part of parts) {
    for (let start = 0; start < part.length; ) {
      const slice = part.subarray(start, start + room);
      slices.push(slice);
      start += slice.length;
      room -= slice.length;
      if (room > 0) continue;
      yield slices;
      slices = [];
      room = atOnce;
    }
  }
  if (slices.length > 0) yield slices;
}
