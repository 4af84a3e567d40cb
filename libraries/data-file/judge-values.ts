/** Judges the values of a page, unfolded, by their encoding: what they would take of time and memory is bounded by what is there. */
import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import type { ChunkShape } from './chunk-shape.ts';
import { CompactBytes } from './compact-bytes.ts';
import { judgeShared, walkDeltas } from './deltas.ts';
import { bitsOf, type Page } from './pages-of-chunk.ts';
import { walkRuns } from './runs.ts';

// As Parquet numbers encodings.
const [plain, plainDictionary, runs, deltas, deltaLengths, deltaTexts, runsDictionary, split, floats] = [
  0, 2, 3, 5, 6, 7, 8, 9, 10,
];
const mostSplit = 128 * 1024 * 1024;
/** Bytes of a decimal: one is worked out in the square of them. */
const longestDecimal = 64;

export function judgeValues(page: Uint8Array, about: Page, shape: ChunkShape): void {
  const bytes = new CompactBytes(page);
  const { encoding, values } = about;
  const written = about.written ?? writtenBehindLevels(bytes, about, shape);
  if (shape.isDecimal) judgeDecimals(page, bytes.at, encoding, written, shape);
  if (encoding === plainDictionary || encoding === runsDictionary || encoding === runs)
    judgeRuns(bytes, about, written, shape);
  else if (encoding === deltas) walkDeltas(bytes, written, shape.type !== 'INT32');
  else if (encoding === deltaLengths) walkDeltas(bytes, written, false);
  else if (encoding === deltaTexts) judgeShared(...textsOf(page, bytes.at, written));
  else if (encoding === split && values * shape.length > mostSplit)
    throw new Error(`a page has ${values} values of ${shape.length} bytes`);
  else if (encoding === floats) judgeFloats(bytes);
}

/** Moves on behind the levels of a page of the first kind. Tells how many values follow them. */
function writtenBehindLevels(bytes: CompactBytes, { values }: Page, shape: ChunkShape): number {
  if (shape.repetition > 0) walkLevels(bytes, bitsOf(shape.repetition), values);
  if (shape.definition === 0) return values;
  return walkLevels(bytes, bitsOf(shape.definition), values, shape.definition);
}

function walkLevels(bytes: CompactBytes, width: number, values: number, wanted?: number): number {
  const length = bytes.word();
  const start = bytes.at;
  const found = walkRuns(bytes, width, values, wanted);
  bytes.at = start;
  bytes.skip(length);
  return found;
}

function judgeRuns(bytes: CompactBytes, { type, encoding }: Page, written: number, shape: ChunkShape): void {
  const isFlag = type === 'data' ? shape.type === 'BOOLEAN' : encoding === runs;
  const width = isFlag ? 1 : bytes.byte();
  if (isFlag) bytes.skip(4);
  // Of no bits, all are the first; nothing more is read of it in a page of the first kind.
  if (width > 0 || type === 'data2') walkRuns(bytes, width, written);
}

/** The lengths of what each text has of the one before, and of what it has of its own. */
function textsOf(page: Uint8Array, start: number, count: number): readonly [Int32Array, Int32Array] {
  const [beginnings, end] = lengthsOf(page, start, count);
  return [beginnings, lengthsOf(page, end, count)[0]];
}

/** The lengths that begin there, and where they end. */
function lengthsOf(page: Uint8Array, start: number, count: number): readonly [Int32Array, number] {
  walkDeltas(new CompactBytes(page, start), count, false);
  const reader = { view: new DataView(page.buffer, page.byteOffset, page.byteLength), offset: start };
  const lengths = new Int32Array(count);
  deltaBinaryUnpack(reader, count, lengths);
  return [lengths, reader.offset];
}

function judgeDecimals(
  page: Uint8Array,
  start: number,
  encoding: number,
  written: number,
  { type, length }: ChunkShape,
): void {
  if (type === 'FIXED_LEN_BYTE_ARRAY') requireDecimal(length);
  if (type !== 'BYTE_ARRAY') return;
  if (encoding === plain) {
    const bytes = new CompactBytes(page, start);
    for (let value = 0; value < written; value++) bytes.skip(requireDecimal(bytes.word()));
  } else if (encoding === deltaLengths)
    for (const one of lengthsOf(page, start, written)[0]) requireDecimal(one);
  else if (encoding === deltaTexts) {
    const [beginnings, ends] = textsOf(page, start, written);
    for (const [place, beginning] of beginnings.entries()) requireDecimal(beginning + (ends[place] ?? 0));
  }
}

function requireDecimal(length: number): number {
  if (length > longestDecimal) throw new Error(`a decimal has ${length} bytes: at most ${longestDecimal}`);
  return length;
}

/** Each part says where it is, and what is written in it a second time: that is not more than the part. */
function judgeFloats(bytes: CompactBytes): void {
  bytes.skip(2);
  const ofPart = 1 << bytes.byte();
  const parts = Math.ceil(bytes.word() / ofPart);
  const start = bytes.at;
  for (let part = 0; part < parts; part++) {
    bytes.at = start + 4 * part;
    bytes.at = start + bytes.word() + 2;
    if ((bytes.byte() | (bytes.byte() << 8)) > ofPart)
      throw new Error('more numbers are exceptions than there are');
  }
}
