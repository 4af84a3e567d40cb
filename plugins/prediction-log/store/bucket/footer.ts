/** What the end of a Parquet file in the bucket says, without the rest of it. */
import { parquetMetadataAsync } from 'hyparquet';
import type { ObjectStorage } from '../../../../libraries/object-storage/index.ts';

export interface Footer {
  readonly rows: number;
  /** Files that it was written in the place of. */
  readonly replaces: readonly string[];
}

/** Throws where it is no Parquet file. */
export async function footerOf(storage: ObjectStorage, key: string, bytes: number): Promise<Footer> {
  const slice = async (start: number, end = bytes): Promise<ArrayBuffer> =>
    Uint8Array.from(await storage.part(key, start, end)).buffer;
  const { num_rows, key_value_metadata = [] } = await parquetMetadataAsync({ byteLength: bytes, slice });
  const replaces = key_value_metadata
    .filter((one) => one.key === 'replaces')
    .flatMap(({ value = '' }) => value.split('\n'))
    .filter((name) => name !== '');
  return { rows: Number(num_rows), replaces };
}
