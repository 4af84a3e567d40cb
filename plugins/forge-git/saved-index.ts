import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SavedHistory } from './base-history.ts';
import type { Folded } from './fold.ts';

/** What a process keeps for the next one: each chain by its tip, so that it is taken only while it is the same. */
export interface SavedIndex {
  readonly chains: readonly SavedChain[];
  readonly history?: SavedHistory | undefined;
}

export interface LoadedIndex extends SavedIndex {
  /** What was not asked for cannot be read afterwards. */
  close(): void;
}

export interface SavedChain {
  readonly number: number;
  readonly tip: string;
  readonly folded: Folded;
  /** Title and body, where they are short. */
  readonly text?: Readonly<Record<string, unknown>> | undefined;
}

/** Increase it with every change of what chains are folded to. */
const version = 5;
const file = 'proposals.index';

/** What a list does not need, and is read when somebody asks for it: most of an index is that. */
type Rest = Pick<Folded, 'reviews' | 'comments' | 'checks'>;

interface StoredChain extends Omit<SavedChain, 'folded'> {
  readonly folded: Omit<Folded, keyof Rest>;
  /** Bytes of its rest: they follow each other in the order of the chains. */
  readonly rest: number;
}

interface StoredIndex extends Omit<SavedIndex, 'chains'> {
  readonly version: number;
  readonly chains: readonly StoredChain[];
}

/** The file begins with the length of the JSON that follows; the rests of all chains follow that. */
const lengthDigits = 12;

const nothing: LoadedIndex = { chains: [], close: () => {} };

/** Reads the index of a machine; empty where there is none, or one of another version. It can always be made again. */
export function loadIndex(folder: string | undefined): LoadedIndex {
  if (folder === undefined) return nothing;
  let opened: OpenedIndex | undefined;
  try {
    opened = new OpenedIndex(join(folder, file));
    return readIndex(opened);
  } catch {
    opened?.close();
    return nothing;
  }
}

function readIndex(opened: OpenedIndex): LoadedIndex {
  const length = Number(opened.text(0, lengthDigits));
  const stored = JSON.parse(opened.text(lengthDigits, length)) as StoredIndex;
  if (stored.version !== version) throw new Error('it is of another version');
  const chains: SavedChain[] = [];
  let at = lengthDigits + length;
  for (const { rest, ...chain } of stored.chains) {
    const from = at;
    chains.push({ ...chain, folded: withRest(chain.folded, () => opened.text(from, rest)) });
    at += rest;
  }
  if (at !== opened.size) throw new Error('it is cut short');
  return { chains, history: stored.history, close: () => opened.close() };
}

/** The file stays open, so that what is read later is of the same index, whoever replaced it since. */
class OpenedIndex {
  readonly size: number;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#descriptor = openSync(path, 'r');
    this.size = fstatSync(this.#descriptor).size;
  }

  /** At once and not some time later: whoever looks at a proposal looks at a few thousand bytes. */
  text(position: number, length: number): string {
    if (this.#descriptor === undefined) throw new Error('the index of proposals is closed');
    if (!(position + length <= this.size)) throw new Error('it is cut short');
    const bytes = Buffer.allocUnsafe(length);
    readSync(this.#descriptor, bytes, 0, length, position);
    return bytes.toString('utf8');
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }
}

/** How a chain is written, as far as its rest was never read: it is passed on as it is. */
const unread = new WeakMap<Folded, { readonly small: StoredChain['folded']; readonly rest: () => string }>();

function withRest(small: StoredChain['folded'], written: () => string): Folded {
  let read: Rest | undefined;
  const rest = (): Rest => {
    if (read !== undefined) return read;
    read = JSON.parse(written()) as Rest;
    unread.delete(folded);
    return read;
  };
  const lazy = {
    get reviews() {
      return rest().reviews;
    },
    get comments() {
      return rest().comments;
    },
    get checks() {
      return rest().checks;
    },
  };
  const folded = Object.defineProperties({ ...small }, Object.getOwnPropertyDescriptors(lazy)) as Folded;
  unread.set(folded, { small, rest: written });
  return folded;
}

/** Replaces the index. It is not worth an error: without one, the next process reads the chains. */
export async function saveIndex(folder: string, index: SavedIndex): Promise<void> {
  const draft = join(folder, `${file}.${randomUUID()}`);
  try {
    const rests: Buffer[] = [];
    const chains: StoredChain[] = [];
    for (const { folded, ...chain } of index.chains) {
      const { small, rest } = unread.get(folded) ?? split(folded);
      const bytes = Buffer.from(rest());
      rests.push(bytes);
      chains.push({ ...chain, folded: small, rest: bytes.length });
    }
    const head = Buffer.from(
      JSON.stringify({ version, history: index.history, chains } satisfies StoredIndex),
    );
    const length = Buffer.from(String(head.length).padStart(lengthDigits, '0'));
    await writeFile(draft, Buffer.concat([length, head, ...rests]));
    await rename(draft, join(folder, file));
  } catch {
    await rm(draft, { force: true });
  }
}

function split(folded: Folded) {
  const { reviews, comments, checks, ...small } = folded;
  return { small, rest: () => JSON.stringify({ reviews, comments, checks } satisfies Rest) };
}
