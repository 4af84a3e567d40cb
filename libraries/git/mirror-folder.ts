import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isRunning } from './running-process.ts';

/**
 * Gives the mirror's folder, making it where it is not there or is another remote's. It is made beside its place and moved
 * there whole, so that a kill in the middle leaves only a draft, which the next start removes.
 */
export async function provideMirrorFolder(
  folder: string,
  url: string,
  make: (draft: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  await removeDrafts(folder);
  const label = await readFile(join(folder, labelName), 'utf8').catch(() => undefined);
  if (label === url) return;
  await remakeMirrorFolder(folder, url, make);
}

/** Makes the mirror anew and puts it in the place of the old one, which stays until the new one is whole. */
export async function remakeMirrorFolder(
  folder: string,
  url: string,
  make: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${folder}.draft-${process.pid}`;
  await rm(draft, { recursive: true, force: true });
  try {
    await make(draft);
    await writeFile(join(draft, labelName), url);
    await rm(folder, { recursive: true, force: true });
    await rename(draft, folder);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    throw error;
  }
}

/** Written last: a folder without it is none of ours, or half of one. */
const labelName = 'switchyard-remote';

async function removeDrafts(folder: string): Promise<void> {
  for (const name of await readdir(dirname(folder))) {
    const owner = name.startsWith(`${basename(folder)}.draft-`) ? Number(name.split('-').at(-1)) : undefined;
    if (owner === undefined || (owner !== process.pid && isRunning(owner))) continue;
    await rm(join(dirname(folder), name), { recursive: true, force: true });
  }
}
