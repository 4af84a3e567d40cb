/** Keeps what trials found in a file of this process alone, so that the next process need not try the same versions anew. */
import { readFileSync } from 'node:fs';
import { replaceFile } from '../../../../libraries/durable-file/index.ts';
import type { Tried, TriedNotes } from './on-demand.ts';

/** The latest are kept. */
const mostKept = 2_000;

/** Where nobody remembers. */
export const noTriedNotes: TriedNotes = { get: () => undefined, put() {} };

/** Notes of another program, with another runtime, count for nothing. A file that cannot be written costs the memory alone. */
export function openTriedNotes(path: string, program: string): TriedNotes {
  const tried = readNotes(path, program);
  return {
    get: (key) => tried.get(key),
    put(key, found) {
      tried.delete(key);
      tried.set(key, found);
      for (const [oldest] of tried) {
        if (tried.size <= mostKept) break;
        tried.delete(oldest);
      }
      try {
        replaceFile(path, JSON.stringify({ program, tried: Object.fromEntries(tried) }));
      } catch {
        // A full disk: the next process tries again.
      }
    },
  };
}

function readNotes(path: string, program: string): Map<string, Tried> {
  try {
    const file = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<string, unknown>>;
    if (file.program !== program) return new Map();
    return new Map(Object.entries(file.tried as Record<string, Tried>).filter(([, one]) => isTried(one)));
  } catch {
    return new Map();
  }
}

function isTried(value: unknown): value is Tried {
  const { inputs, outputs, batchable, runMs, memoryBytes } = (value ?? {}) as Partial<Tried>;
  return (
    Array.isArray(inputs) &&
    Array.isArray(outputs) &&
    typeof batchable === 'boolean' &&
    typeof runMs === 'number' &&
    typeof memoryBytes === 'number'
  );
}
