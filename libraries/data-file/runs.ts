import type { CompactBytes } from './compact-bytes.ts';

/** Writers fill the last of packed values up; more than so many is no filling. */
const mostFilled = 512;

/**
 * Walks runs (Parquet's hybrid of repeated and packed values, `width` bits each) for `count` values, or to the end of the bytes. Throws
 * where a run claims more than all there are: it would be written out before anybody looks. Tells how many are `wanted`, where that is asked.
 */
export function walkRuns(bytes: CompactBytes, width: number, count: number, wanted?: number): number {
  let found = 0;
  for (let seen = 0; seen < count && bytes.left > 0; ) {
    const head = bytes.whole();
    const isPacked = (head & 1) === 1;
    const run = isPacked ? (head >>> 1) * 8 : head >>> 1;
    if (run > count - seen + (isPacked ? mostFilled : 0))
      throw new Error(`a run claims ${run} values of ${count}`);
    const values = Math.min(run, count - seen);
    if (isPacked) {
      const length = Math.min((run / 8) * width, bytes.left);
      if (wanted === undefined) bytes.skip(length);
      else found += countPacked(bytes, width, values, length, wanted);
    } else {
      let value = 0;
      for (let byte = 0; byte < Math.ceil(width / 8); byte++) value |= bytes.byte() << (8 * byte);
      if (value === wanted) found += values;
    }
    seen += run;
  }
  return found;
}

/** In how many of `values`, packed in `length` bytes, the same stands. */
function countPacked(
  bytes: CompactBytes,
  width: number,
  values: number,
  length: number,
  wanted: number,
): number {
  if (Math.ceil((values * width) / 8) > length) throw new Error('it ends within packed values');
  const end = bytes.at + length;
  let [found, held, bits, left] = [0, 0, 0, values];
  // Levels of one bit are the usual ones, and there are as many as values.
  if (width === 1 && wanted === 1) for (; left >= 8; left -= 8) found += bitsSet[bytes.byte()]!;
  for (; left > 0; left--) {
    while (bits < width) {
      held |= bytes.byte() << bits;
      bits += 8;
    }
    if ((held & ((1 << width) - 1)) === wanted) found++;
    held >>>= width;
    bits -= width;
  }
  bytes.at = end;
  return found;
}

/** In each byte. */
const bitsSet = Uint8Array.from({ length: 256 }, (_, byte) => byte.toString(2).replaceAll('0', '').length);
