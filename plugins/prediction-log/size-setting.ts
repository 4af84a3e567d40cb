import { parseByteSize } from '../../libraries/byte-size/index.ts';
import { invalidLogSetting } from './errors.ts';

/** A size as people write it. Throws `InvalidLogSetting`. */
export function bytesOf(value: unknown, name: string, smallest: number): number {
  const given = parseByteSize(value);
  if (given !== undefined && given >= smallest) return given;
  throw invalidLogSetting(
    name,
    `must be bytes, or a size such as 512MiB, from ${smallest / 1024 ** 2}MiB on`,
  );
}
