import { invalidLogSetting } from './errors.ts';

const units = { KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3, TiB: 1024 ** 4 } as const;

/** A size as people write it. Throws `InvalidLogSetting`. */
export function bytesOf(value: unknown, name: string, smallest: number): number {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\s*([KMGT]iB)$/.exec(String(value)) ?? [];
  const given = count === undefined ? value : Math.round(Number(count) * units[unit as keyof typeof units]);
  if (typeof given === 'number' && Number.isSafeInteger(given) && given >= smallest) return given;
  throw invalidLogSetting(
    name,
    `must be bytes, or a size such as 512MiB, from ${smallest / 1024 ** 2}MiB on`,
  );
}
