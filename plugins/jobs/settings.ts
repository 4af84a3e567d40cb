import { parseByteSize } from '../../libraries/byte-size/index.ts';
import { DurationError, parseDuration } from '../../libraries/duration/index.ts';
import { invalidJobSetting } from './errors.ts';

/** What the operator of this machine decides: the block `jobs` of their configuration. */
export interface JobSettings {
  /** Milliseconds for which a job and its result are kept, once it has ended. */
  readonly keepMs: number;
  /** Jobs that are kept, ended ones too. */
  readonly mostJobs: number;
  /** Jobs that are worked at once, a batch of each in turns. */
  readonly atOnce: number;
  /** Bytes that one file of rows may have. */
  readonly fileSize: number;
  /** Bytes that rows and results of all jobs may take on this disk. */
  readonly diskSize: number;
  /** Base URL of inference; said by the platform itself. */
  readonly inference: string | undefined;
}

const known = ['keep', 'mostJobs', 'atOnce', 'fileSize', 'diskSize', 'inference'];

/** Checks the operator's block. Throws `InvalidJobSetting`. */
export function jobSettings(block: Readonly<Record<string, unknown>>): JobSettings {
  for (const name of Object.keys(block))
    if (!known.includes(name)) throw invalidJobSetting(name, `is not a setting: ${known.join(', ')} are`);
  const {
    keep = '7d',
    mostJobs = 2_000,
    atOnce = 8,
    fileSize = '1GiB',
    diskSize = '10GiB',
    inference,
  } = block;
  if (inference !== undefined && (typeof inference !== 'string' || !URL.canParse(inference)))
    throw invalidJobSetting('inference', 'must be the URL of the inference port');
  return {
    keepMs: duration('keep', keep),
    mostJobs: whole('mostJobs', mostJobs, 1, 10_000),
    atOnce: whole('atOnce', atOnce, 1, 64),
    fileSize: bytes('fileSize', fileSize),
    diskSize: bytes('diskSize', diskSize),
    inference,
  };
}

function duration(name: string, value: unknown): number {
  try {
    const milliseconds = parseDuration(String(value));
    if (milliseconds >= 1_000) return milliseconds;
  } catch (error) {
    if (!(error instanceof DurationError)) throw error;
  }
  throw invalidJobSetting(name, 'must be a time from 1s on, such as 12h or 7d');
}

function bytes(name: string, value: unknown): number {
  const given = parseByteSize(value);
  if (given !== undefined && given >= 1024) return given;
  throw invalidJobSetting(name, 'must be bytes, or a size such as 512MiB, from 1KiB on');
}

function whole(name: string, value: unknown, least: number, most: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least && value <= most)
    return value;
  throw invalidJobSetting(name, `must be a whole number from ${least} to ${most}`);
}
