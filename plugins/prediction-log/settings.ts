import { type BucketSettings, bucketSettings } from './bucket-settings.ts';
import { invalidLogSetting } from './errors.ts';
import { bytesOf } from './size-setting.ts';

/** What the operator of this machine decides: the block `prediction-log` of their configuration. */
export interface LogSettings {
  /** Bytes that queries and the writing of files may hold in memory, together. */
  readonly memory: number;
  /** Threads that they may use. */
  readonly threads: number;
  /** Bytes of batches that may wait; the oldest beyond them are let go of, and counted. */
  readonly inboxSize: number;
  /** Milliseconds that a question may take. */
  readonly queryTimeoutMs: number;
  /** Milliseconds until what was handed in is a file. It can be asked for before that. */
  readonly writeEveryMs: number;
  /** Where files are kept beside this machine. */
  readonly bucket?: BucketSettings;
}

export const defaultLogSettings: LogSettings = {
  memory: 512 * 1024 ** 2,
  threads: 1,
  inboxSize: 1024 ** 3,
  queryTimeoutMs: 30_000,
  writeEveryMs: 60_000,
};

/** Checks the operator's block. Throws `InvalidLogSetting`. */
export function logSettings(block: Readonly<Record<string, unknown>>): LogSettings {
  for (const name of Object.keys(block)) {
    if (name in defaultLogSettings || name === 'bucket') continue;
    const names = [...Object.keys(defaultLogSettings), 'bucket'].join(', ');
    throw invalidLogSetting(name, `is not a setting: ${names} are`);
  }
  return {
    memory: bytes(block, 'memory', 64 * 1024 ** 2),
    threads: whole(block, 'threads', 1),
    inboxSize: bytes(block, 'inboxSize', 1024 ** 2),
    queryTimeoutMs: whole(block, 'queryTimeoutMs', 100),
    writeEveryMs: whole(block, 'writeEveryMs', 100),
    ...(block.bucket === undefined ? {} : { bucket: bucketSettings(block.bucket) }),
  };
}

type Block = Readonly<Record<string, unknown>>;

function bytes(block: Block, name: 'memory' | 'inboxSize', smallest: number): number {
  return bytesOf(block[name] ?? defaultLogSettings[name], name, smallest);
}

function whole(block: Block, name: 'threads' | 'queryTimeoutMs' | 'writeEveryMs', smallest: number): number {
  const value = block[name] ?? defaultLogSettings[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= smallest) return value;
  throw invalidLogSetting(name, `must be a whole number from ${smallest} on`);
}
