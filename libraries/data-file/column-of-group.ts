/** Reads one column of one row group. What its pages claim is judged first, since the library takes them at their word. */
import type {
  AsyncBuffer,
  ColumnChunk,
  Compressors,
  DecodedArray,
  FileMetaData,
  RowGroup,
  SchemaElement,
  SchemaTree,
} from 'hyparquet';
import { type ChunkShape, shapeOf } from './chunk-shape.ts';
import { judgeValues } from './judge-values.ts';
import { type Page, pagesOf } from './pages-of-chunk.ts';

/** Bytes of a file, from one place to another; fewer where it ends before. */
export type ReadBytes = (start: number, end: number) => Promise<Uint8Array<ArrayBuffer>>;

export interface GroupColumn {
  readonly read: ReadBytes;
  readonly metadata: FileMetaData;
  readonly group: RowGroup;
  readonly column: SchemaTree;
  readonly compressors: Compressors;
}

/** A chunk that is read, with the pages of it that have yet to be unfolded, by where they begin. */
interface Chunk {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly shape: ChunkShape;
  readonly folded: ReadonlyMap<number, Page>;
}

/** Bytes that each chunk has for itself where the library looks for it, so that it asks for no two at once. */
const room = 2 ** 38;

/** Rows from one to another, counted in the group. Throws what is wrong with it. */
export async function readGroupColumn(
  { read, metadata, group, column, compressors }: GroupColumn,
  rowStart: number,
  rowEnd: number,
): Promise<DecodedArray> {
  const { parquetScan } = await import('hyparquet');
  const { name } = column.element;
  const own = group.columns.filter(({ meta_data: about }) => about?.path_in_schema[0] === name);
  const chunks: Chunk[] = [];
  for (const chunk of own) chunks.push(await readChunk(read, chunk, column, rowEnd));
  const file: AsyncBuffer = {
    byteLength: chunks.length * room,
    slice: (start) => chunks[Math.floor(start / room)]!.bytes.buffer,
  };
  const scan = await parquetScan({
    file,
    metadata: {
      ...metadata,
      schema: [{ name: 'root', num_children: 1 }, ...elementsOf(column)],
      row_groups: [{ ...group, columns: own.map((chunk, place) => placed(chunk, place, chunks[place]!)) }],
    },
    compressors: judging(compressors, chunks),
  });
  const cells = await scan.readColumn({ column: name, rowStart, rowEnd });
  if (cells.length !== rowEnd - rowStart)
    throw new Error(`a column has ${rowStart + cells.length} values for ${rowEnd} rows`);
  return alone(cells);
}

/** A few numbers do not hold the page that they are of. */
function alone(cells: DecodedArray): DecodedArray {
  return ArrayBuffer.isView(cells) && cells.byteLength < cells.buffer.byteLength / 2 ? cells.slice() : cells;
}

async function readChunk(
  read: ReadBytes,
  { meta_data: about }: ColumnChunk,
  column: SchemaTree,
  rows: number,
): Promise<Chunk> {
  const start = Number(about!.dictionary_page_offset || about!.data_page_offset);
  const bytes = await read(start, start + Number(about!.total_compressed_size));
  const shape = shapeOf(pathIn(column, about!.path_in_schema), about!);
  const folded = new Map<number, Page>();
  for (const page of pagesOf(bytes, shape, rows)) {
    if (page.isCompressed) folded.set(page.start, page);
    else judgeValues(bytes.subarray(page.start, page.end), page, shape);
  }
  return { bytes, shape, folded };
}

function pathIn(column: SchemaTree, [, ...names]: readonly string[]): SchemaElement[] {
  const path = [column.element];
  let at: SchemaTree | undefined = column;
  for (const name of names) {
    at = at.children.find(({ element }) => element.name === name);
    if (at === undefined) throw new Error('a column is in none of the places that the schema has');
    path.push(at.element);
  }
  return path;
}

/** The chunk where the library finds it. Its index of pages is left out: what that tells of them would have to be judged, too. */
function placed({ meta_data: about, ...chunk }: ColumnChunk, place: number, { bytes }: Chunk): ColumnChunk {
  const { dictionary_page_offset: _, ...others } = about!;
  return {
    ...{ file_offset: chunk.file_offset, ...(chunk.file_path && { file_path: chunk.file_path }) },
    meta_data: {
      ...others,
      data_page_offset: BigInt(place * room),
      total_compressed_size: BigInt(bytes.length),
    },
  };
}

function elementsOf({ element, children }: SchemaTree): SchemaElement[] {
  return [element, ...children.flatMap(elementsOf)];
}

/** Nothing is unfolded that is no page, nor given on that was not judged. */
function judging(compressors: Compressors, chunks: readonly Chunk[]): Compressors {
  const judged =
    (unfold: NonNullable<Compressors[keyof Compressors]>) => (input: Uint8Array, size: number) => {
      const chunk = chunks.find(({ bytes }) => bytes.buffer === input.buffer);
      const page = chunk?.folded.get(input.byteOffset);
      if (chunk === undefined || page === undefined) throw new Error('a page is where none was found');
      const unfolded = unfold(input, size);
      judgeValues(unfolded, page, chunk.shape);
      return unfolded;
    };
  return Object.fromEntries(Object.entries(compressors).map(([codec, unfold]) => [codec, judged(unfold)]));
}
