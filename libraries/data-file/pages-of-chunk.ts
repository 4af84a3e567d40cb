/** The pages of a column chunk, as their headers tell of them. What they claim is judged before the library is let loose on it. */
import type { ChunkShape } from './chunk-shape.ts';
import { CompactBytes, type Field, type Fields } from './compact-bytes.ts';
import { DataFileError } from './error.ts';
import { walkRuns } from './runs.ts';

/** The library's arrays are of another kind beyond that, in which a value takes tens of bytes. */
export const mostValues = 32 * 1024 * 1024;

export interface Page {
  readonly type: 'data' | 'data2' | 'dictionary';
  readonly encoding: number;
  readonly values: number;
  /** Of the values, those that are written; what is missing is not. Unknown before its levels are read. */
  readonly written: number | undefined;
  /** Where its values begin, behind levels that are never compressed, and where they end. */
  readonly start: number;
  readonly end: number;
  readonly isCompressed: boolean;
}

const dataPage = 0;
const dictionaryPage = 2;
const dataPage2 = 3;

/** Throws what is wrong with them. Those behind the first `rows` rows are not looked at, where each value is a row. */
export function* pagesOf(chunk: Uint8Array, shape: ChunkShape, rows: number): Generator<Page> {
  const bytes = new CompactBytes(chunk);
  let values = 0;
  // The last byte alone makes no page: the library stops there, too.
  while (bytes.left > 1 && !(shape.isFlat && values >= rows)) {
    const header = bytes.structure();
    const start = bytes.at;
    const unfolded = wholeOf(header.get(2), 'a page unfolds to');
    bytes.skip(wholeOf(header.get(3), 'a page has'));
    const page = pageOf(header, chunk, shape, start, bytes.at, unfolded);
    if (page.type !== 'dictionary') values += page.values;
    if (!shape.isFlat && values > mostValues)
      throw new DataFileError(
        `a column of lists has more than ${mostValues} values in a row group; write it with fewer rows in each`,
      );
    yield page;
  }
}

function pageOf(
  header: Fields,
  chunk: Uint8Array,
  shape: ChunkShape,
  start: number,
  end: number,
  unfolded: number,
): Page {
  const { isCompressed } = shape;
  switch (header.get(1)) {
    case dictionaryPage: {
      const values = valuesOf(partOf(header, 7));
      return { type: 'dictionary', encoding: 0, values, written: values, start, end, isCompressed };
    }
    case dataPage: {
      const part = partOf(header, 5);
      const encoding = wholeOf(part.get(2), 'its encoding is');
      return {
        ...{ type: 'data', encoding, values: valuesOf(part), written: undefined, start, end },
        isCompressed,
      };
    }
    case dataPage2: {
      const part = partOf(header, 8);
      const values = valuesOf(part);
      const written = values - wholeOf(part.get(2), 'missing are');
      const repetition = wholeOf(part.get(6), 'its levels have');
      const definition = wholeOf(part.get(5), 'its levels have');
      const from = start + repetition + definition;
      const rows = wholeOf(part.get(3), 'its rows are');
      if (written < 0 || rows > values || from > end || unfolded < from - start)
        throw new Error('the parts of a page are more than the page');
      if ((shape.isFlat && rows < values) || (shape.definition === 0 && written < values))
        throw new Error(`a page has ${values} values, ${written} of them written, for ${rows} rows`);
      const levels = chunk.subarray(start, end);
      if (shape.repetition > 0) walkRuns(new CompactBytes(levels), bitsOf(shape.repetition), values);
      if (shape.definition > 0)
        walkRuns(new CompactBytes(levels, repetition), bitsOf(shape.definition), values);
      return {
        ...{
          type: 'data2',
          encoding: wholeOf(part.get(4), 'its encoding is'),
          values,
          written,
          start: from,
          end,
        },
        // 0 is what says that it is not. Where nothing is left, nothing is unfolded.
        isCompressed: isCompressed && part.get(7) !== 0 && unfolded > from - start,
      };
    }
    default:
      throw new Error('a page is of no type that is known');
  }
}

function partOf(header: Fields, id: number): Fields {
  const part = header.get(id);
  if (typeof part !== 'object') throw new Error('the header of a page is not whole');
  return part;
}

function valuesOf(part: Fields): number {
  const values = wholeOf(part.get(1), 'a page has');
  if (values > mostValues)
    throw new DataFileError(
      `one of its pages has ${values} values: at most ${mostValues}; write it with smaller pages`,
    );
  return values;
}

function wholeOf(field: Field, what: string): number {
  if (typeof field === 'number' && field >= 0) return field;
  throw new Error(`${what} ${typeof field === 'number' ? field : 'no number'}`);
}

export function bitsOf(level: number): number {
  return 32 - Math.clz32(level);
}
