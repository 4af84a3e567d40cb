import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { formatByteSize, parseByteSize } from '../../../libraries/byte-size/index.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';

const sizes: readonly [string, number][] = [
  ['4KiB', 4096],
  ['64MiB', 64 * 1024 ** 2],
  ['64Mi', 64 * 1024 ** 2],
  ['1.5GiB', 1.5 * 1024 ** 3],
  ['1.5Gi', 1.5 * 1024 ** 3],
  ['2 TiB', 2 * 1024 ** 4],
  ['76kB', 76_000],
  ['76k', 76_000],
  ['500MB', 500e6],
  ['500M', 500e6],
  ['1.2 GB', 1.2e9],
  ['2T', 2e12],
  ['999999999GB', 999_999_999e9],
  ['512B', 512],
  ['512', 512],
];
const others = ['', 'KB', '1KB', '1K', '1ki', '1m', '1mb', '1MIB', '-1MiB', '1e3KiB'];
const misspaced = [' 1KiB', '1KiB ', '1  KiB', '.5GB', '1.GB', '1,5GB'];

describe('a size in bytes', () => {
  it.each([...sizes, ['0', 0], [0, 0], [1000, 1000]])('%j is %d', (given, bytes) => {
    expect(parseByteSize(given)).toBe(bytes);
  });

  it.each([
    ...others,
    ...misspaced,
    ...[-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, null, undefined, true, { KiB: 1 }, ['1KiB']],
  ])('%j is none', (given) => {
    expect(parseByteSize(given)).toBeUndefined();
  });

  it('is the same in a manifest, where it is more than nothing', () => {
    const { definitions } = JSON.parse(readFileSync(packageFile('schemas/envelope.schema.json'), 'utf8'));
    const pattern = new RegExp(definitions.byteSize.pattern);
    expect(sizes.filter(([text]) => !pattern.test(text))).toEqual([]);
    expect([...others, ...misspaced, '0', '0MiB', '0.0GB'].filter((text) => pattern.test(text))).toEqual([]);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1_000, '1.0 kB'],
    [76_211, '76 kB'],
    [999_600, '1.0 MB'],
    [101_000_000, '101 MB'],
    [1_230_000_000, '1.2 GB'],
    [5e15, '5000 TB'],
  ])('%d is said as %s', (bytes, words) => {
    expect(formatByteSize(bytes)).toBe(words);
  });
});
