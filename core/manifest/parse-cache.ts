import type { Store } from '../state/store.ts';
import { parserVersion } from './parse.ts';

/** Parsed manifests by the id of their blob: what was parsed once is neither read nor parsed again. */
export interface ParseCache {
  get(key: string): string | undefined;
  put(key: string, json: string): void;
  /** Said when a snapshot is whole: all that it needed was asked for or put. */
  whole?(): void;
}

export interface StoredParseCache extends ParseCache {
  whole(): void;
  /** Writes what was put and is not yet written. Never rejects. */
  save(): Promise<void>;
}

/**
 * The parse cache of a store: read once, at the start. What is put is written a while after a snapshot is whole, so
 * that no commit waits for it. Once the first snapshot is whole, what it had no use for is dropped from the store, and
 * the memory let go: later snapshots of this process have what they need from the one before.
 * A cache that cannot be read or written costs time and nothing else.
 */
export async function openParseCache(store: Store): Promise<StoredParseCache> {
  let kept: ReadonlyMap<string, string> = await store.parsed(parserVersion).catch(() => new Map());
  let added = new Map<string, string>();
  let used: Set<string> | undefined = new Set();
  let toPrune: ReadonlySet<string> | undefined;
  let writing: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const write = async (): Promise<void> => {
    const entries = added;
    const keep = toPrune;
    added = new Map();
    toPrune = undefined;
    if (entries.size > 0) await store.putParsed(parserVersion, entries);
    if (keep !== undefined) await store.pruneParsed(parserVersion, keep);
  };
  const save = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    writing = writing.then(write).catch(() => undefined);
    return writing;
  };
  return {
    get(key) {
      const json = added.get(key) ?? kept.get(key);
      if (json !== undefined) used?.add(key);
      return json;
    },
    put(key, json) {
      added.set(key, json);
      used?.add(key);
    },
    whole() {
      if (used !== undefined && used.size > 0) {
        toPrune = used;
        used = undefined;
        kept = new Map();
      }
      if (added.size > 0 || toPrune !== undefined) timer ??= setTimeout(save, delay).unref();
    },
    save,
  };
}

/** Milliseconds between a whole snapshot and the writing of what it parsed. */
const delay = 1_000;
