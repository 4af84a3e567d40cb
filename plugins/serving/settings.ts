import { invalidServingSetting } from './errors.ts';

/** What the operator of this machine decides: the block `serving` of their configuration. */
export interface ServingSettings {
  /** Bytes that artifacts may take on this disk. What is served or kept warm is kept even beyond them. */
  readonly cacheSize: number;
  /** Bytes of memory that an inference process may have; undefined: its part of the machine. */
  readonly memoryLimit: number | undefined;
  /** Inference processes that there should be; undefined where nobody said. */
  readonly processes: number | undefined;
  /** An inference process that has not reported for so many milliseconds does not count, until it does again. */
  readonly livenessMs: number;
  /** How many trials of versions may run at once, each of a process or of some that are compared. */
  readonly trials: number;
}

export const defaultServingSettings: ServingSettings = {
  cacheSize: 10 * 1024 ** 3,
  memoryLimit: undefined,
  processes: undefined,
  livenessMs: 5_000,
  trials: 1,
};

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
    memoryLimit:
      block.memoryLimit === undefined ? undefined : bytes('memoryLimit', block.memoryLimit, 64 * units.MiB),
    processes: block.processes === undefined ? undefined : whole('processes', block.processes, 1),
    livenessMs:
      block.livenessMs === undefined
        ? defaultServingSettings.livenessMs
        : whole('livenessMs', block.livenessMs, 1_500),
    trials: block.trials === undefined ? defaultServingSettings.trials : whole('trials', block.trials, 1),
  };
}

const units = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

function bytes(name: string, value: unknown, smallest: number): number {
  if (typeof value === 'number') return whole(name, value, smallest);
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]iB)$/.exec(String(value)) ?? [];
  if (count === undefined) throw invalidServingSetting(name, 'must be bytes, or a size such as 10GiB');
  return whole(name, Math.round(Number(count) * units[unit as keyof typeof units]), smallest);
}

/** Processes report each second, so liveness needs a little more than that. */
function whole(name: string, value: unknown, smallest: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= smallest) return value;
  throw invalidServingSetting(name, `must be a whole number from ${smallest} on`);
}
