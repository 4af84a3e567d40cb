import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataFileError, readColumns } from '../../../libraries/data-file/index.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { writeParquet } from '../../fixtures/parquet-file.ts';

let folder: string;
const fixtures = [
  'polars-zstd',
  'polars-lz4',
  'polars-brotli',
  'pyarrow-zstd',
  'pyarrow-lz4',
  'pyarrow-brotli',
];
const fixture = (name: string) => packageFile(`test/fixtures/parquet/${name}.parquet`);
const made = {
  snappy: 'COMPRESSION snappy',
  uncompressed: 'COMPRESSION uncompressed',
  differences: 'COMPRESSION zstd, PARQUET_VERSION v2, DICTIONARY_SIZE_LIMIT 1',
};
/** Changes of each file, of one byte in turn with some. */
const changes = 120;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-damaged-parquet-'));
  const rows = `SELECT i::BIGINT AS id, (i * i)::INTEGER AS n, CASE WHEN i % 4 = 0 THEN NULL ELSE i / 2.0 END::DOUBLE AS x, 'text ' || i AS text,
    i % 2 = 0 AS flag, DATE '2024-01-01' + i::INTEGER AS day, i::DECIMAL(30, 3) AS price, range(i % 5) AS list, {a: i, b: ['x', NULL]} AS both FROM range(600) t(i)`;
  for (const [name, options] of Object.entries(made)) await writeParquet(madeFile(name), rows, options);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const madeFile = (name: string) => join(folder, `${name}.parquet`);

interface Change {
  readonly seed: number;
  readonly at: readonly number[];
}

/** Which bytes are changed; a third of the changes are in what the file says of itself at its end. */
function changesOf(bytes: number): Change[] {
  return Array.from({ length: changes }, (_, seed) => {
    let state = (seed + 1) * 0x9e3779b9;
    const random = () => {
      state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5) | 0;
      return (state >>> 0) / 2 ** 32;
    };
    const from = seed % 3 === 0 ? bytes - 1200 : 0;
    const count = seed % 2 === 0 ? 1 : 2 + Math.floor(random() * 6);
    return { seed, at: Array.from({ length: count }, () => Math.floor(from + random() * (bytes - from))) };
  });
}

/** Reads the file with each of the changes, in a process that has little memory and not much time. The last line is of a change that was not got over. */
function readChanged(path: string, all: readonly Change[]): Promise<{ ended: unknown; lines: string[] }> {
  const program = `const { readFileSync, writeFileSync, writeSync } = await import('node:fs');
    const { readRows } = await import(${JSON.stringify(pathToFileURL(packageFile('dist/libraries/data-file/index.js')))});
    const whole = readFileSync(${JSON.stringify(path)});
    for (const change of ${JSON.stringify(all)}) {
      writeSync(1, JSON.stringify(change) + ' ');
      const bytes = Buffer.from(whole);
      for (const at of change.at) bytes[at] ^= 0xff;
      writeFileSync(${JSON.stringify(join(folder, 'changed.parquet'))}, bytes);
      let rows = 0;
      try {
        for await (const batch of readRows(${JSON.stringify(join(folder, 'changed.parquet'))})) rows += batch.rows.length;
        writeSync(1, rows > 5000 ? 'has ' + rows + ' rows\\n' : 'ended\\n');
      } catch (error) {
        writeSync(1, error.code === 'DataFileUnusable' ? 'ended\\n' : String(error) + '\\n');
      }
    }`;
  return new Promise((resolve) => {
    const options = { timeout: 10_000, killSignal: 'SIGKILL' } as const;
    const node = ['--max-old-space-size=256', '--input-type=module', '-e', program];
    execFile(process.execPath, node, options, (error, stdout) =>
      resolve({ ended: error?.signal ?? error?.code ?? 0, lines: stdout.trimEnd().split('\n') }),
    );
  });
}

describe('a damaged Parquet file', () => {
  it.each([...fixtures, 'fastparquet-lz4', ...Object.keys(made)])(
    'is read or refused, whatever bytes of it are changed: %s',
    async (name) => {
      const path = name in made ? madeFile(name) : fixture(name);
      const all = changesOf(readFileSync(path).length);
      const { ended, lines } = await readChanged(path, all);
      expect(lines.filter((line) => !line.endsWith(' ended'))).toEqual([]);
      expect({ ended, lines: lines.length }).toEqual({ ended: 0, lines: changes });
    },
    15_000,
  );

  it.each([
    ['pyarrow-zstd', 392],
    ['pyarrow-lz4', 3593],
  ])('is refused where it would be read for ever: %s, byte %i', async (name, at) => {
    const { ended, lines } = await readChanged(fixture(name), [{ seed: -1, at: [at] }]);
    expect({ ended, lines }).toEqual({ ended: 0, lines: [expect.stringContaining(' ended')] });
    const bytes = readFileSync(fixture(name));
    bytes[at]! ^= 0xff;
    const path = join(folder, 'for-ever.parquet');
    writeFileSync(path, bytes);
    const reading = readColumns(path);
    await expect(reading).rejects.toBeInstanceOf(DataFileError);
    await expect(reading).rejects.toThrow('damaged or cut short');
  });

  it('is refused where its end tells of more rows than there are', async () => {
    // 600, and 8152, as they are written there.
    const [said, more] = [Buffer.from([0xb0, 0x09]), Buffer.from([0xb0, 0x7f])];
    const bytes = readFileSync(fixture('polars-zstd'));
    const end = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
    for (let at = bytes.indexOf(said, end); at >= 0; at = bytes.indexOf(said, at)) more.copy(bytes, at);
    const path = join(folder, 'more-rows.parquet');
    writeFileSync(path, bytes);
    await expect(readColumns(path)).rejects.toThrow('a column has 600 values for 8152 rows');
  });
});
