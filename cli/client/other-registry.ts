/** Whether the platform that a command found runs the registry that the command stands in. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Head } from '../../core/kernel-api.ts';
import { openRepository } from '../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import { registryIdentity } from '../../server/run-file.ts';
import { findRegistry } from '../registry-folder.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import type { Api } from './api.ts';

/**
 * The registry that a platform runs, where it is another one than that of a clone. It is the same where the platform runs
 * from there, or from a remote of the clone, or where the clone holds the platform's newest commit.
 */
export async function otherRegistry(
  api: Api,
  root: string,
  clone: OpenedRepository,
): Promise<string | undefined> {
  const { repository, commit, applied } = await api.get<Head>('/head');
  const runs = registryIdentity(repository);
  if (runs === root || (await remotesOf(clone)).includes(runs)) return undefined;
  for (const id of [commit, applied])
    if (id !== null && (await clone.resolve(id)) !== undefined) return undefined;
  return runs;
}

/** Tells a person who stands in one registry that the answer is about another one. Never rejects: the answer counts. */
export async function sayOtherRegistry(api: Api, terminal: Terminal): Promise<void> {
  const other = await otherThanHere(api, terminal).catch(() => undefined);
  if (other !== undefined)
    terminal.err(
      `This is of another registry than that of this folder: the platform at ${api.url} runs ${oneLine(other)}.\n`,
    );
}

async function otherThanHere(api: Api, terminal: Terminal): Promise<string | undefined> {
  const root = await findRegistry(terminal.folder);
  if (root === undefined) return undefined;
  const clone = await openRepository(root, { environment: terminal.environment });
  try {
    return await otherRegistry(api, root, clone);
  } finally {
    await clone.close();
  }
}

async function remotesOf({ commonFolder }: OpenedRepository): Promise<readonly string[]> {
  const text = await readFile(join(commonFolder, 'config'), 'utf8').catch(() => '');
  return [...text.matchAll(/^\s*url\s*=\s*"?([^"\n]+?)"?\s*$/gm)].map(([, url = '']) =>
    registryIdentity(url),
  );
}
