/**
 * Notices a run that blocks the event loop for ever. Whoever is blocked can notice nothing, so a thread beside it looks: it
 * writes down which version it was and ends the process, and the next process runs that version in a thread of its own.
 */
import { readFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import { replaceFile } from '../../../../libraries/durable-file/index.ts';
import { packageFile } from '../../../../libraries/package-files/index.ts';

export interface HangWatch {
  /** Versions that blocked a process before this one, by their keys. */
  readonly hung: ReadonlySet<string>;
  /** Whether the process before this one ended by this version; true once. */
  tell(key: string): boolean;
  /** What is called around each run of a version. */
  guard(key: string): Guard;
}

export interface Guard {
  begin(): void;
  end(): void;
}

const noGuard: Guard = { begin() {}, end() {} };

/** Where nobody watches. */
export const noHangWatch: HangWatch = { hung: new Set(), tell: () => false, guard: () => noGuard };

/** What the watching thread is started with. */
export interface HangWatchData {
  /** Two counters: beats of the event loop, and the number of the version that runs on it; 0: none. */
  readonly shared: SharedArrayBuffer;
  /** Beats that may be missing. */
  readonly patience: number;
  readonly beatMs: number;
  /** Where it writes down what hung. */
  readonly path: string;
  readonly processName: string;
}

/** Gives a version the number by which its runs are known. */
export interface HangWatchName {
  readonly number: number;
  readonly key: string;
}

/** What a process that was blocked leaves to the next, the latest last. */
export interface HungFile {
  readonly hung: readonly string[];
  /** Not told to control yet. */
  readonly untold: readonly string[];
}

export interface HangWatchOptions {
  /** Kept from one process to the next. */
  readonly path: string;
  readonly processName: string;
  /** Milliseconds that the event loop may be blocked by one run. */
  readonly hangAfterMs: number;
}

const beats = 10;

/** Watches this thread until the process ends. */
export function watchForHangs({ path, processName, hangAfterMs }: HangWatchOptions): HangWatch {
  const before = readHungFile(path);
  const untold = new Set(before.untold);
  // Told by this process, or by none: whoever tries the version once more is not reminded of it.
  if (untold.size > 0)
    replaceFile(path, JSON.stringify({ hung: before.hung, untold: [] } satisfies HungFile));
  const shared = new SharedArrayBuffer(8);
  const counters = new Int32Array(shared);
  const beatMs = Math.max(1, Math.round(hangAfterMs / beats));
  setInterval(() => Atomics.add(counters, 0, 1), beatMs).unref();
  const workerData: HangWatchData = { shared, patience: beats, beatMs, path, processName };
  const worker = new Worker(packageFile('dist/plugins/serving/dataplane/run/hang-watch-main.js'), {
    workerData,
  });
  worker.unref();
  const numbers = new Map<string, number>();
  // The runtime does them one after the other, in the order in which they were asked for.
  const running: number[] = [];
  return {
    hung: new Set(before.hung),
    tell: (key) => untold.delete(key),
    guard(key) {
      let number = numbers.get(key);
      if (number === undefined) {
        number = numbers.size + 1;
        numbers.set(key, number);
        worker.postMessage({ number, key } satisfies HangWatchName);
      }
      const own = number;
      return {
        begin() {
          running.push(own);
          if (running.length === 1) Atomics.store(counters, 1, own);
        },
        end() {
          running.splice(running.indexOf(own), 1);
          Atomics.store(counters, 1, running[0] ?? 0);
        },
      };
    },
  };
}

/** What earlier processes left. Nothing where there is no such file, or none that can be read. */
export function readHungFile(path: string): HungFile {
  try {
    const { hung, untold } = JSON.parse(readFileSync(path, 'utf8')) as Partial<Record<string, unknown>>;
    return { hung: textsIn(hung), untold: textsIn(untold) };
  } catch {
    return { hung: [], untold: [] };
  }
}

function textsIn(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : [];
}
