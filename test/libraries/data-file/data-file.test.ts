import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataFileError, readColumns, readRows } from '../../../libraries/data-file/index.ts';
import { parquetRows } from '../../../libraries/data-file/parquet.ts';
import { packageFile } from '../../../libraries/package-files/index.ts';
import { writeParquet } from '../../fixtures/parquet-file.ts';

let folder: string;
const compressions = ['snappy', 'gzip', 'brotli', 'zstd', 'lz4_raw', 'uncompressed'];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-data-file-'));
  const rows = `SELECT i::BIGINT AS id, CASE WHEN i % 4 = 0 THEN NULL ELSE i / 2.0 END::DOUBLE AS x, 'kind ' || (i % 3) AS kind,
    i % 2 = 0 AS flag, DATE '2024-01-01' + i::INTEGER AS day FROM range(5000) t(i)`;
  for (const compression of compressions) {
    const path = join(folder, `${compression}.parquet`);
    await writeParquet(path, rows, `COMPRESSION ${compression}, ROW_GROUP_SIZE 2048`);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

describe('a Parquet file', () => {
  it.each(compressions)('of several row groups is read, compressed by %s', async (name) => {
    const path = join(folder, `${name}.parquet`);
    const columns = await readColumns(path);
    expect([...columns.keys()]).toEqual(['id', 'x', 'kind', 'flag', 'day']);
    const x = columns.get('x');
    expect(x).toMatchObject({ type: 'number', rows: 5000, missing: 1250 });
    expect(x?.type === 'number' && [...x.values.slice(0, 4)]).toEqual([0.5, 1, 1.5, 2.5]);
    expect(columns.get('id')).toMatchObject({ type: 'number', rows: 5000, missing: 0 });
    const kind = columns.get('kind');
    expect(kind?.type === 'category' && [...kind.counts]).toEqual([
      ['kind 0', 1667],
      ['kind 1', 1667],
      ['kind 2', 1666],
    ]);
    expect(columns.get('flag')).toMatchObject({ type: 'category' });
    let groups = 0;
    for await (const { rows } of readRows(path)) groups += Number(rows.length > 0);
    expect(groups).toBeGreaterThan(1);
  });

  it('is read in slices where a row group holds more than may be held, each row once and in its order', async () => {
    const ids: unknown[] = [];
    for await (const { rows } of parquetRows(join(folder, 'snappy.parquet'), {}, 32 * 1024))
      for (const [id, x, kind] of rows) {
        expect([x, kind]).toEqual([Number(id) % 4 === 0 ? null : Number(id) / 2, `kind ${Number(id) % 3}`]);
        ids.push(Number(id));
      }
    expect(ids).toEqual(Array.from({ length: 5000 }, (_, id) => id));
  });

  it.each([undefined, 32 * 1024])(
    'is told of as far as its rows are read, in slices of %s bytes',
    async (most) => {
      const path = join(folder, 'snappy.parquet');
      const { size } = statSync(path);
      let [bytes, rows] = [0, 0];
      const onBytes = (more: number): void => {
        bytes += more;
      };
      for await (const batch of parquetRows(path, { onBytes }, most)) {
        rows += batch.rows.length;
        expect(bytes).toBe(Math.floor((size * rows) / 5000));
      }
      expect(bytes).toBe(size);
    },
  );

  it('with a time that is none is refused', async () => {
    const path = join(folder, 'infinite.parquet');
    await writeParquet(path, "SELECT 'infinity'::TIMESTAMP AS since");
    await expect(readColumns(path)).rejects.toThrow(DataFileError);
    await expect(readColumns(path)).rejects.toThrow('a time that is infinite');
  });

  it('of a million rows in one group takes no more memory than its columns', async () => {
    const path = join(folder, 'one-group.parquet');
    const columns = Array.from({ length: 9 }, (_, column) => `(i % 200)::INTEGER AS c${column}`);
    await writeParquet(path, `SELECT ${columns} FROM range(1000000) t(i)`, 'ROW_GROUP_SIZE 1000000');
    const program = `const { readRows } = await import(${JSON.stringify(pathToFileURL(packageFile('dist/libraries/data-file/index.js')))});
      let rows = 0;
      for await (const batch of readRows(${JSON.stringify(path)})) rows += batch.rows.length;
      console.log(rows);`;
    const heap = '--max-old-space-size=192';
    const run = promisify(execFile)(process.execPath, [heap, '--input-type=module', '-e', program]);
    await expect(run).resolves.toMatchObject({ stdout: '1000000\n' });
  }, 60_000);

  it('with two columns of one name is refused', async () => {
    const path = join(folder, 'twice.parquet');
    await writeParquet(path, 'SELECT 1 AS speed, 2 AS phase');
    // DuckDB gives no two columns one name: the name is changed where it stands, in the schema and in the metadata of its column.
    writeFileSync(
      path,
      Buffer.from(readFileSync(path).toString('latin1').replaceAll('phase', 'speed'), 'latin1'),
    );
    await expect(readColumns(path)).rejects.toThrow('two of its columns are called "speed"');
  });
});

describe('a Parquet file of other programs', () => {
  /*
   * Made by Polars 2.1, PyArrow 26 and fastparquet 2026.9, in Python:
   *
   *   row = pl.int_range(600)
   *   rows = pl.select(id=row, x=pl.when(row % 4 != 0).then(row / 2), kind="kind " + (row % 3).cast(pl.String))
   *   for name in ["zstd", "lz4", "brotli"]:
   *       rows.write_parquet(f"polars-{name}.parquet", compression=name)
   *       pq.write_table(rows.to_arrow(), f"pyarrow-{name}.parquet", compression=name, row_group_size=250, data_page_version="2.0")
   *   fastparquet.write("fastparquet-lz4.parquet", rows.to_pandas(), compression="LZ4", write_index=False)
   *   text = pa.table({"x": ["0" * 300_000_000]})
   *   for name in ["zstd", "brotli"]:
   *       pq.write_table(text, f"large-page-{name}.parquet", compression=name, use_dictionary=False, write_statistics=False)
   */
  const fixture = (name: string) => packageFile(`test/fixtures/parquet/${name}.parquet`);
  const writers = ['polars', 'pyarrow'].flatMap((one) =>
    ['zstd', 'lz4', 'brotli'].map((by) => `${one}-${by}`),
  );

  it.each([...writers, 'fastparquet-lz4'])('is read: %s', async (name) => {
    const read: unknown[] = [];
    for await (const { rows } of readRows(fixture(name))) read.push(...rows);
    expect(read).toEqual(
      Array.from({ length: 600 }, (_, id) => [BigInt(id), id % 4 === 0 ? null : id / 2, `kind ${id % 3}`]),
    );
  });

  it.each([...writers, 'fastparquet-lz4'])(
    'is told to be damaged where a page of it is: %s',
    async (name) => {
      const path = join(folder, 'damaged-page.parquet');
      writeFileSync(path, readFileSync(fixture(name)).fill(0xff, 150, 350));
      const reading = readColumns(path);
      await expect(reading).rejects.toBeInstanceOf(DataFileError);
      await expect(reading).rejects.toThrow('damaged or cut short');
    },
  );

  it.each(['zstd', 'brotli'])('is refused before a page of it fills the memory, by %s', async (name) => {
    const before = process.memoryUsage().rss;
    const reading = readColumns(fixture(`large-page-${name}`));
    await expect(reading).rejects.toBeInstanceOf(DataFileError);
    await expect(reading).rejects.toThrow('one of its pages has 300000010 bytes: at most 134217728');
    expect(process.memoryUsage().rss - before).toBeLessThan(200e6);
  });
});

describe('a file that is not what its ending says', () => {
  it('is told for what it is, where it was to be Parquet', async () => {
    const whole = readFileSync(join(folder, 'snappy.parquet'));
    const middle = Buffer.concat([whole.subarray(0, 400), Buffer.alloc(200, 0xff), whole.subarray(600)]);
    const footer = Buffer.concat([whole.subarray(0, -200), Buffer.alloc(150, 7), whole.subarray(-50)]);
    for (const bytes of [
      Buffer.from('x'),
      Buffer.from('x,y\n1,2\n'),
      whole.subarray(0, 900),
      middle,
      footer,
    ]) {
      const path = join(folder, 'damaged.parquet');
      writeFileSync(path, bytes);
      const reading = readColumns(path);
      await expect(reading).rejects.toBeInstanceOf(DataFileError);
      await expect(reading).rejects.toThrow('it is no Parquet, or it is damaged or cut short');
    }
  });

  it.each(['csv', 'jsonl', 'parquet'])('is a folder: so says the file system, of %s', async (ending) => {
    const path = join(folder, `folder.${ending}`);
    mkdirSync(path);
    await expect(readColumns(path)).rejects.toMatchObject({ code: 'EISDIR', syscall: 'read' });
  });
});

describe('CSV', () => {
  it('takes nothing, NA and NaN for missing, knows infinite values, and leaves None a category', async () => {
    const path = file('odd.csv', 'x,damage\n1,None\n,Minor\nNA,None\nNaN,\ninf,None\n-2.5e3,None\n');
    const columns = await readColumns(path);
    const x = columns.get('x');
    expect(x).toMatchObject({ type: 'number', rows: 6, missing: 3, infinite: 1 });
    expect(x?.type === 'number' && [...x.values]).toEqual([1, -2500]);
    const damage = columns.get('damage');
    expect(damage?.type === 'category' && Object.fromEntries(damage.counts)).toEqual({ None: 4, Minor: 1 });
  });

  it('makes categories of a column whose first text comes late', async () => {
    const columns = await readColumns(file('late.csv', 'x\n1\n1\n2\nword\n'));
    const x = columns.get('x');
    expect(x?.type === 'category' && Object.fromEntries(x.counts)).toEqual({ 1: 2, 2: 1, word: 1 });
  });

  it('passes over lines with nothing on them, where a record has several values', async () => {
    const columns = await readColumns(file('blank.csv', 'x,y\n1,2\n\n3,4\n\n'));
    expect(columns.get('y')).toMatchObject({ rows: 2, missing: 0 });
    const single = await readColumns(file('single.csv', 'x\n1\n\n3\n'));
    expect(single.get('x')).toMatchObject({ rows: 3, missing: 1 });
  });

  it('refuses a record of another length, and tells its line', async () => {
    for (const [name, text] of [
      ['short.csv', 'x,y\n1,2\n3\n'],
      ['long.csv', 'x,y\n1,2\n3,4,5\n'],
    ] as const)
      await expect(readColumns(file(name, text))).rejects.toThrow(/Invalid Record Length: .* on line 3/);
  });

  it('refuses what is not UTF-8, also at its end', async () => {
    for (const [name, bytes] of [
      ['latin.csv', Buffer.from('x,y\n1,M\xfcnchen\n', 'latin1')],
      ['cut.csv', Buffer.from([0x78, 0x0a, 0xe2, 0x9c])],
      ['utf16.csv', Buffer.from('\ufeffx,y\n1,2\n', 'utf16le')],
    ] as const) {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      await expect(readColumns(path)).rejects.toThrow('it is not UTF-8');
    }
  });

  it('refuses two columns of one name', async () => {
    await expect(readColumns(file('twice.csv', 'x,x\n1,2\n'))).rejects.toThrow(
      'two of its columns are called "x"',
    );
  });
});

describe('JSONL', () => {
  it('fills a column that comes up late, and one that a line leaves out', async () => {
    const columns = await readColumns(
      file('late.jsonl', '{"a":1}\n\n{"a":2,"b":"x"}\n{"b":{"deep":true}}\n'),
    );
    expect(columns.get('a')).toMatchObject({ type: 'number', rows: 3, missing: 1 });
    const b = columns.get('b');
    expect(b).toMatchObject({ rows: 3, missing: 1 });
    expect(b?.type === 'category' && [...b.counts.keys()]).toEqual(['x', '{"deep":true}']);
  });

  it('needs a line that holds something', async () => {
    for (const text of ['', '\n\n'])
      await expect(readColumns(file('empty.jsonl', text))).rejects.toThrow(
        'it is empty: a line with a JSON object is missing',
      );
    expect(await readColumns(file('nothing.jsonl', '{}\n'))).toEqual(new Map());
  });

  it('refuses a line that is no object, by its number', async () => {
    await expect(readColumns(file('list.jsonl', '{"a":1}\n[2]\n'))).rejects.toThrow(
      'line 2 is no JSON object',
    );
  });
});
