/** Unfolds the pages of a Parquet file. What a page is said to unfold to is judged before memory is taken for it. */
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import type { Compressors, FileMetaData } from 'hyparquet';
import { DataFileError } from './error.ts';
import { unfoldDeprecatedLz4, unfoldLz4 } from './lz4.ts';
import { walkSnappy } from './snappy.ts';

/** Bytes. Writers end a page at about a mebibyte; the largest that is usual, DuckDB's, at 100 MB. */
const largestPage = 128 * 1024 * 1024;

type Unfold = NonNullable<Compressors[keyof Compressors]>;

/** By the names that Parquet gives them. The reader refuses LZO by its own. */
export async function pageCompressors(metadata: FileMetaData): Promise<Compressors> {
  const { snappyUncompress } = await import('hyparquet');
  const unfolders: Compressors = {
    SNAPPY(input, size) {
      walkSnappy(input);
      const output = new Uint8Array(size);
      snappyUncompress(input, output);
      return output;
    },
    GZIP: (input, size) => gunzipSync(input, { maxOutputLength: size }),
    BROTLI: (input, size) => brotliDecompressSync(input, { maxOutputLength: size }),
    LZ4: unfoldDeprecatedLz4,
    LZ4_RAW: unfoldLz4,
    ...(isOf('ZSTD', metadata) && { ZSTD: await openZstd() }),
  };
  return Object.fromEntries(Object.entries(unfolders).map(([codec, unfold]) => [codec, bounded(unfold)]));
}

/** A page that is too large, or says that it is, is not begun. */
function bounded(unfold: Unfold): Unfold {
  return (input, size) => {
    const most = Math.max(input.length, size);
    if (most > largestPage)
      throw new DataFileError(
        `one of its pages has ${most} bytes: at most ${largestPage}; write it with smaller pages`,
      );
    return size === 0 ? new Uint8Array(0) : unfold(input, size);
  };
}

function isOf(codec: string, { row_groups }: FileMetaData): boolean {
  return row_groups.some(({ columns }) => columns.some(({ meta_data }) => meta_data?.codec === codec));
}

/** The reference implementation in WebAssembly, loaded only where there is such a file: Node 20 has none of its own. */
async function openZstd(): Promise<Unfold> {
  const { ZSTDDecoder } = await import('zstddec');
  const decoder = new ZSTDDecoder();
  await decoder.init();
  return (input, size) => decoder.decode(input, size);
}
