import type { Store } from '../state/store.ts';
import { parserVersion } from './parse.ts';

/** Parsed manifests by the id of their blob: what was parsed once is neither read nor parsed again. */
export interface ParseCache {
  get(key: string): string | undefined;
  put(key: string, json: string): void;
  /** Called when a snapshot is whole: keeps what was put. Never rejects. */
  save?(): Promise<void>;
}

/**
 * The parse cache of a store: read once, at the start. The first `save` also drops what the first snapshot had no use
 * for, and lets go of the memory: later snapshots of this process have what they need from the one before.
 * A cache that cannot be read or written costs time and nothing else.
 */
export async function openParseCache(store: Store): Promise<Required<ParseCache>> {
  let kept: ReadonlyMap<string, string> = await store.parsed(parserVersion).catch(() => new Map());
  let added = new Map<string, string>();
  const used = new Set<string>();
  let saving: Promise<void> = Promise.resolve();
  let isFirst = true;

  const write = async (entries: ReadonlyMap<string, string>, prune: boolean): Promise<void> => {
    if (entries.size > 0) await store.putParsed(parserVersion, entries);
    if (prune) await store.pruneParsed(parserVersion, used);
    used.clear();
  };
  return {
    get(key) {
      const json = added.get(key) ?? kept.get(key);
      if (json !== undefined && isFirst) used.add(key);
      return json;
    },
    put(key, json) {
      added.set(key, json);
      if (isFirst) used.add(key);
    },
    save() {
      const entries = added;
      const prune = isFirst && used.size > 0;
      added = new Map();
      if (prune) {
        isFirst = false;
        kept = new Map();
      }
      saving = saving.then(() => write(entries, prune)).catch(() => undefined);
      return saving;
    },
  };
}
