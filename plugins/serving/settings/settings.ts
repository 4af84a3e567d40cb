import { parseByteSize } from '../../../libraries/byte-size/index.ts';
import { invalidServingSetting } from '../errors.ts';

/** What the operator of this machine decides: the block `serving` of their configuration. */
export interface ServingSettings {
  /** Bytes that artifacts may take on this disk. What is served or kept warm is kept even beyond them. */
  readonly cacheSize: number;
  /** How worker threads are ranked beside the event loops of inference processes. */
  readonly workerPriority: 'low' | 'idle';
  /** Processors that worker threads leave free while versions on an event loop are asked; undefined: by processes and machine. */
  readonly eventLoopProcessors: number | undefined;
  /** Bytes of memory that an inference process may have; undefined: its part of the machine. */
  readonly memoryLimit: number | undefined;
  /** Whether versions are loaded as soon as they are declared and tried, or by their first request. */
  readonly loading: 'eager' | 'lazy';
  /** What becomes of requests to a version that is being loaded by them. */
  readonly whileLoading: 'hold' | 'refuse';
  /** Bytes that the versions of an inference process may take; undefined: nothing is unloaded. */
  readonly memoryBudget: number | undefined;
  /** Bytes of request bodies that an inference process may hold at one time; undefined: of four of the largest. */
  readonly bodyBudget: number | undefined;
  /** Origins of other pages that may ask the inference port and read its answers; `*` for all. */
  readonly corsOrigins: readonly string[];
  /** Bytes from which on answers are compressed for those who take it; undefined: none is. */
  readonly compressFrom: number | undefined;
  /** Inference processes that there should be; undefined where nobody said. */
  readonly processes: number | undefined;
  /** An inference process that has not reported for so many milliseconds does not count, until it does again. */
  readonly livenessMs: number;
  /** How many artifacts may be fetched at once. */
  readonly downloads: number;
  /** How many trials of versions may run at once, each of a process or of some that are compared. */
  readonly trials: number;
}

export const defaultServingSettings: ServingSettings = {
  cacheSize: 10 * 1024 ** 3,
  workerPriority: 'low',
  eventLoopProcessors: undefined,
  memoryLimit: undefined,
  loading: 'eager',
  whileLoading: 'hold',
  memoryBudget: undefined,
  bodyBudget: undefined,
  corsOrigins: [],
  compressFrom: undefined,
  processes: undefined,
  livenessMs: 5_000,
  downloads: 4,
  trials: 1,
};

/** What a body may have; each is held twice while it is unfolded or gathered. */
const bodyLimit = 64 * 1024 ** 2;

/** Checks the operator's block. Throws `InvalidServingSetting`. */
export function servingSettings(block: Readonly<Record<string, unknown>>): ServingSettings {
  for (const name of Object.keys(block)) {
    if (name in defaultServingSettings) continue;
    const known = Object.keys(defaultServingSettings).join(', ');
    throw invalidServingSetting(name, `is not a setting: ${known} are`);
  }
  return {
    cacheSize:
      block.cacheSize === undefined
        ? defaultServingSettings.cacheSize
        : bytes('cacheSize', block.cacheSize, 0),
    workerPriority: oneOf('workerPriority', block.workerPriority, ['low', 'idle']),
    eventLoopProcessors:
      block.eventLoopProcessors === undefined
        ? undefined
        : whole('eventLoopProcessors', block.eventLoopProcessors, 0),
    memoryLimit:
      block.memoryLimit === undefined ? undefined : bytes('memoryLimit', block.memoryLimit, 64 * 1024 ** 2),
    loading: oneOf('loading', block.loading, ['eager', 'lazy']),
    whileLoading: oneOf('whileLoading', block.whileLoading, ['hold', 'refuse']),
    memoryBudget:
      block.memoryBudget === undefined ? undefined : bytes('memoryBudget', block.memoryBudget, 1024 ** 2),
    bodyBudget:
      block.bodyBudget === undefined ? undefined : bytes('bodyBudget', block.bodyBudget, 2 * bodyLimit),
    corsOrigins: origins(block.corsOrigins),
    compressFrom:
      block.compressFrom === undefined ? undefined : bytes('compressFrom', block.compressFrom, 1024),
    processes: block.processes === undefined ? undefined : whole('processes', block.processes, 1),
    // Processes report each second: it needs a little more than that.
    livenessMs:
      block.livenessMs === undefined
        ? defaultServingSettings.livenessMs
        : whole('livenessMs', block.livenessMs, 1_500),
    downloads:
      block.downloads === undefined
        ? defaultServingSettings.downloads
        : whole('downloads', block.downloads, 1),
    trials: block.trials === undefined ? defaultServingSettings.trials : whole('trials', block.trials, 1),
  };
}

/** The first is meant where nothing is said. */
function oneOf<Word extends string>(name: string, value: unknown, words: readonly [Word, ...Word[]]): Word {
  const word = words.find((one) => one === (value ?? words[0]));
  if (word === undefined) throw invalidServingSetting(name, `must be one of ${words.join(', ')}`);
  return word;
}

/** An origin is what a browser says of itself: a scheme, a host, and a port where it is not the usual one. */
function origins(value: unknown): readonly string[] {
  if (value === undefined) return [];
  const isOrigin = (one: unknown): one is string =>
    one === '*' || (typeof one === 'string' && /^https?:\/\/[\w.[\]:-]+$/.test(one));
  if (Array.isArray(value) && value.every(isOrigin)) return value;
  throw invalidServingSetting(
    'corsOrigins',
    'must be a list of origins such as https://app.example.com, or *',
  );
}

function bytes(name: string, value: unknown, smallest: number): number {
  if (typeof value === 'number') return whole(name, value, smallest);
  const size = parseByteSize(value);
  if (size === undefined) throw invalidServingSetting(name, 'must be bytes, or a size such as 10GiB');
  return whole(name, size, smallest);
}

function whole(name: string, value: unknown, smallest: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= smallest) return value;
  throw invalidServingSetting(name, `must be a whole number from ${smallest} on`);
}
