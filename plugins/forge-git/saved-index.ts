import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedHistory } from './base-history.ts';
import type { Folded } from './fold.ts';

/** What a process keeps for the next one: each chain by its tip, so that it is taken only while it is the same. */
export interface SavedIndex {
  readonly chains: readonly (readonly [number: number, tip: string, folded: Folded])[];
  readonly history?: SavedHistory | undefined;
}

/** Increase it with every change of what chains are folded to. */
const version = 1;

/** Reads the index of a machine; empty where there is none, or one of another version. It can always be made again. */
export async function loadIndex(folder: string | undefined): Promise<SavedIndex> {
  if (folder === undefined) return { chains: [] };
  try {
    const saved = JSON.parse(await readFile(join(folder, file), 'utf8')) as SavedIndex & { version: unknown };
    return saved.version === version ? saved : { chains: [] };
  } catch {
    return { chains: [] };
  }
}

/** Replaces the index. It is not worth an error: without one, the next process reads the chains. */
export async function saveIndex(folder: string, index: SavedIndex): Promise<void> {
  const draft = join(folder, `${file}.${randomUUID()}`);
  try {
    await writeFile(draft, JSON.stringify({ version, ...index }));
    await rename(draft, join(folder, file));
  } catch {
    await rm(draft, { force: true });
  }
}

const file = 'proposals.json';
