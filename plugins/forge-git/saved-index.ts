import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedHistory } from './base-history.ts';
import type { Folded } from './fold.ts';

/** What a process keeps for the next one: each chain by its tip, so that it is taken only while it is the same. */
export interface SavedIndex {
  readonly chains: readonly SavedChain[];
  readonly history?: SavedHistory | undefined;
}

export interface SavedChain {
  readonly number: number;
  readonly tip: string;
  readonly folded: Folded;
  /** Title and body, where they are short. */
  readonly text?: Readonly<Record<string, unknown>> | undefined;
}

/** Increase it with every change of what chains are folded to. */
const version = 3;

/** Reads the index of a machine; empty where there is none, or one of another version. It can always be made again. */
export async function loadIndex(folder: string | undefined): Promise<SavedIndex> {
  if (folder === undefined) return { chains: [] };
  try {
    const saved = JSON.parse(await readFile(join(folder, file), 'utf8')) as StoredIndex;
    if (saved.version !== version) return { chains: [] };
    return { history: saved.history, chains: saved.chains.map(unpack) };
  } catch {
    return { chains: [] };
  }
}

/** Replaces the index. It is not worth an error: without one, the next process reads the chains. */
export async function saveIndex(folder: string, index: SavedIndex): Promise<void> {
  const draft = join(folder, `${file}.${randomUUID()}`);
  try {
    const stored: StoredIndex = { version, history: index.history, chains: index.chains.map(pack) };
    await writeFile(draft, JSON.stringify(stored));
    await rename(draft, join(folder, file));
  } catch {
    await rm(draft, { force: true });
  }
}

const file = 'proposals.json';

/** What a list does not need is text inside of the text, and read when somebody asks for it: most of an index is that. */
type Rest = Pick<Folded, 'reviews' | 'comments' | 'checks'>;

interface StoredChain extends Omit<SavedChain, 'folded'> {
  readonly folded: Omit<Folded, keyof Rest>;
  readonly rest: string;
}

interface StoredIndex extends Omit<SavedIndex, 'chains'> {
  readonly version: number;
  readonly chains: readonly StoredChain[];
}

function pack({ folded, ...chain }: SavedChain): StoredChain {
  const { reviews, comments, checks, ...small } = folded;
  return { ...chain, folded: small, rest: JSON.stringify({ reviews, comments, checks } satisfies Rest) };
}

function unpack({ folded, rest, ...chain }: StoredChain): SavedChain {
  let read: Rest | undefined;
  const whole = (): Rest => {
    read ??= JSON.parse(rest) as Rest;
    return read;
  };
  const lazy = {
    get reviews() {
      return whole().reviews;
    },
    get comments() {
      return whole().comments;
    },
    get checks() {
      return whole().checks;
    },
  };
  return {
    ...chain,
    folded: Object.defineProperties({ ...folded }, Object.getOwnPropertyDescriptors(lazy)) as Folded,
  };
}
