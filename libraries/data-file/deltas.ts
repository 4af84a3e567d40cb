/** Judges values that are written as differences (Parquet's DELTA encodings) before they are worked out. */
import type { CompactBytes } from './compact-bytes.ts';

/** Bytes that the texts of a page may have, written out: each may begin with all of the one before. */
const mostText = 512 * 1024 * 1024;

/** Throws where a reader would go round in blocks that lead nowhere. */
export function walkDeltas(bytes: CompactBytes, count: number, isLong: boolean): void {
  const block = bytes.whole();
  const parts = bytes.whole();
  const ofPart = block / parts;
  if (!(ofPart > 0 && ofPart % 32 === 0 && parts <= bytes.left + 1 && block < 2 ** 31))
    throw new Error(`a block of differences has ${block} values in ${parts} parts`);
  bytes.whole();
  // Of 32 bits nothing else can lead astray.
  if (!isLong) return;
  bytes.skipLong();
  for (let left = count - 1; left > 0; ) {
    bytes.skipLong();
    const widths = Array.from({ length: parts }, () => bytes.byte());
    for (const width of widths) {
      if (left <= 0) return;
      if (width > 64) throw new Error(`a difference has ${width} bits`);
      bytes.skip(Math.min((ofPart / 8) * width, bytes.left));
      left -= ofPart;
    }
  }
}

/** Throws where texts that share their beginnings would take more memory, written out, than a page may. */
export function judgeShared(beginnings: Int32Array, ends: Int32Array): void {
  let [before, all] = [0, 0];
  for (const [place, beginning] of beginnings.entries()) {
    const end = ends[place] ?? 0;
    if (beginning < 0 || end < 0 || beginning > before) throw new Error('a text begins as none before it');
    before = beginning + end;
    all += before;
    if (all > mostText) throw new Error(`the texts of a page have more than ${mostText} bytes`);
  }
}
