import { open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Puts a batch, given in parts, where the log looks for it: there whole, or not at all. */
export async function putIntoInbox(inbox: string, name: string, parts: readonly Buffer[]): Promise<void> {
  const draft = join(inbox, `${name}.draft`);
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      const wanted = parts.reduce((sum, { length }) => sum + length, 0);
      const { bytesWritten } = await file.writev(parts);
      if (bytesWritten < wanted)
        throw Object.assign(new Error('the disk took a part of it'), { code: 'ENOSPC' });
    } finally {
      await file.close();
    }
    await rename(draft, join(inbox, name));
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {});
    throw error;
  }
}
