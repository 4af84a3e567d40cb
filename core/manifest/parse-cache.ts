import { crc32 } from 'node:zlib';
import { buildDigest } from '../../libraries/package-files/index.ts';
import type { Store } from '../state/store.ts';
import { sha256 } from './digest.ts';
import { parserVersion } from './parse.ts';

/** Parsed manifests by the id of their blob: what was parsed once is neither read nor parsed again. */
export interface ParseCache {
  get(key: string): string | undefined;
  /** The text is one line, as JSON is. */
  put(key: string, json: string): void;
  /** Names the code that judges manifests. Without it, no judgement is kept: see `kept-snapshot.ts`. */
  readonly code?: string | undefined;
  /** Said when a snapshot is whole: all that it needed was asked for or put. `keep` writes it down, if asked to. */
  whole?(keep?: () => string): void;
}

export interface StoredParseCache extends ParseCache {
  whole(keep?: () => string): void;
  /** Writes what was put and is not yet written, and the newest snapshot. Never rejects. */
  save(): Promise<void>;
}

/** Where the newest snapshot is kept: in a row of its own, since it is written again and again. */
export const snapshotKey = 'snapshot';

/**
 * The parse cache of a store: read once, at the start. What is put is written a while after a snapshot is whole, so
 * that no commit waits for it. Once the first snapshot is whole, what it had no use for is dropped from the store, and
 * the memory let go: later snapshots of this process have what they need from the one before.
 * A cache that cannot be read or written costs time and nothing else; rows carry a checksum, and a damaged one is as if
 * it were not there. `code` is the digest of the compiled code; undefined when run from the sources.
 */
export async function openParseCache(store: Store, code = buildDigest()): Promise<StoredParseCache> {
  const rows = await store.parsed(parserVersion).catch(() => new Map<string, string>());
  let kept = new Map<string, string>();
  let names = new Set<string>();
  for (const [name, row] of rows) if (unpack(name, row, kept)) names.add(name);
  let added = new Map<string, string>();
  let used: Set<string> | undefined = new Set();
  let needed: ReadonlySet<string> | undefined;
  let newest: (() => string) | undefined;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const write = async (withNewest: boolean): Promise<void> => {
    const isPruned = needed !== undefined;
    if (needed !== undefined) settle(needed);
    needed = undefined;
    const packs = pack(added);
    added = new Map();
    if (withNewest && newest !== undefined) {
      packs.set(snapshotKey, seal(newest()));
      newest = undefined;
    }
    for (const name of packs.keys()) names.add(name);
    if (packs.size > 0) await store.putParsed(parserVersion, packs);
    if (isPruned) await store.pruneParsed(parserVersion, names);
  };
  const save = (withNewest = true): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(() => write(withNewest)).catch(() => undefined);
    return writing;
  };
  /** Packs that hold much that nobody needs any more, or that are many, are written anew. */
  const settle = (needed: ReadonlySet<string>): void => {
    const idle = [...kept.keys()].filter((key) => !needed.has(key) && key !== snapshotKey).length;
    if (idle * 4 > kept.size || names.size > mostPacks) {
      names = new Set([snapshotKey]);
      for (const [key, json] of kept) if (needed.has(key) && key !== snapshotKey) added.set(key, json);
    }
    kept = new Map();
  };
  return {
    code,
    get(key) {
      const json = added.get(key) ?? kept.get(key);
      if (json !== undefined) used?.add(key);
      return json;
    },
    put(key, json) {
      added.set(key, json);
      used?.add(key);
    },
    whole(keep) {
      newest = keep ?? newest;
      const isFirst = used !== undefined && used.size > 0;
      if (used !== undefined && isFirst) {
        needed = used;
        used = undefined;
      }
      if (added.size > 0 || needed) timer ??= setTimeout(save, delay, isFirst).unref();
    },
    save,
  };
}

/** Milliseconds between a whole snapshot and the writing of what it parsed. */
const delay = 1_000;

/** Reading a row costs more than reading a line: so a row holds many lines, `key json` each, below its checksum. */
function pack(entries: ReadonlyMap<string, string>): Map<string, string> {
  const packs = new Map<string, string>();
  let lines = '';
  const close = (): void => {
    if (lines !== '') packs.set(sha256(lines), seal(lines));
    lines = '';
  };
  for (const [key, json] of entries) {
    lines += `${key} ${json}\n`;
    if (lines.length > packLength) close();
  }
  close();
  return packs;
}

const packLength = 512 * 1024;
const mostPacks = 128;

/** Whether the row is whole, and so its entries were taken. */
function unpack(name: string, row: string, entries: Map<string, string>): boolean {
  const text = unseal(row);
  if (text === undefined) return false;
  if (name === snapshotKey) {
    entries.set(name, text);
    return true;
  }
  for (let start = 0; start < text.length; ) {
    const space = text.indexOf(' ', start);
    const end = text.indexOf('\n', space);
    if (end < 0) return false;
    entries.set(text.slice(start, space), text.slice(space + 1, end));
    start = end + 1;
  }
  return true;
}

function seal(text: string): string {
  return `${checksum(text)}\n${text}`;
}

function unseal(row: string): string | undefined {
  const at = row.indexOf('\n');
  const text = row.slice(at + 1);
  return at > 0 && row.slice(0, at) === checksum(text) ? text : undefined;
}

/** Tells what a disk or a half-finished write did to a row; not what somebody meant to do. */
function checksum(text: string): string {
  return `${text.length}.${crc32(text)}`;
}
