/**
 * Remembers, from one process to the next, which versions were being loaded when a process ended by itself: native code can take
 * the whole process down, and whoever comes after it would load the same version and end the same way, without end.
 */
import { readFileSync, rmSync } from 'node:fs';
import { replaceFile } from '../../../../libraries/durable-file/index.ts';

export interface LoadMarks {
  /** How many processes in a row ended while they loaded that version. */
  ended(key: string): number;
  /** A version is about to be loaded. */
  begin(key: string): void;
  /** It was loaded, or refused: the process lives. */
  finish(key: string): void;
  /** The process ends because it is told to: no version is to blame. */
  leave(): void;
}

/** Where nobody remembers. */
export const noLoadMarks: LoadMarks = { ended: () => 0, begin() {}, finish() {}, leave() {} };

interface MarksFile {
  /** Under way. */
  readonly loading: readonly string[];
  /** Processes that ended in it, by version. */
  readonly ended: Readonly<Record<string, number>>;
}

/** Keeps marks in a file of this process alone. One that cannot be written costs the memory, not the load. */
export function openLoadMarks(path: string): LoadMarks {
  const before = readMarks(path);
  const ended = new Map(Object.entries(before.ended));
  for (const key of before.loading) ended.set(key, (ended.get(key) ?? 0) + 1);
  const loading = new Set<string>();
  let isLeaving = false;
  const write = (): void => {
    try {
      // Where there is nothing to remember, nothing lies about.
      if (loading.size === 0 && ended.size === 0) rmSync(path, { force: true });
      else replaceFile(path, JSON.stringify({ loading: [...loading], ended: Object.fromEntries(ended) }));
    } catch {
      // A full disk: the next process remembers what was known before.
    }
  };
  if (before.loading.length > 0) write();
  return {
    ended: (key) => ended.get(key) ?? 0,
    begin(key) {
      if (isLeaving) return;
      loading.add(key);
      write();
    },
    finish(key) {
      ended.delete(key);
      if (loading.delete(key)) write();
    },
    leave() {
      isLeaving = true;
      if (loading.size === 0) return;
      loading.clear();
      write();
    },
  };
}

/** What an earlier process left. Nothing where there is no such file, or none that can be read. */
function readMarks(path: string): MarksFile {
  try {
    const { loading, ended } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<string, unknown>>;
    return {
      loading: Array.isArray(loading) ? loading.filter((key) => typeof key === 'string') : [],
      ended: Object.fromEntries(
        Object.entries((ended ?? {}) as Record<string, unknown>).filter((entry): entry is [string, number] =>
          Number.isSafeInteger(entry[1]),
        ),
      ),
    };
  } catch {
    return { loading: [], ended: {} };
  }
}
