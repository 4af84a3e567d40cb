/** Which files hold nothing of a subject: found out while others write, since a file never changes. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { UnfitObject } from './bucket/bucket.ts';
import type { StoreCore } from './core.ts';
import { rowsOf, text } from './duck.ts';
import { isAboutFiles } from './file-errors.ts';
import type { StoreFile } from './files.ts';
import { storedRows } from './parquet.ts';

/** So often it is looked for files that were written meanwhile, before their predictions are left for later. */
const mostTurns = 5;

/**
 * Reads through all files, one after the other, and fetches those that are in the bucket alone. Gives the paths of those that hold
 * nothing of the subject, no label of its predictions either. Nothing of it may come into files that are written meanwhile but what
 * was predicted meanwhile. Throws where the bucket does not answer, and with the signal.
 */
export async function filesWithout(
  core: StoreCore,
  pseudonym: string,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  // Of its own, and of no question that is known to run: what is removed meanwhile need not wait for this.
  const connection = await core.instance.connect();
  try {
    await connection.run('CREATE TEMP TABLE ids_of_subject (id VARCHAR, row INTEGER)');
    const free = new Set<string>();
    const seen = new Set<string>();
    let isUnsure = false;
    for (let turn = 0; turn < mostTurns; turn++) {
      const files = core.files.filter(({ table, path }) => table === 'predictions' && !seen.has(path));
      if (files.length === 0) break;
      isUnsure = turn === mostTurns - 1;
      for (const file of files) {
        signal.throwIfAborted();
        seen.add(file.path);
        const found = await read(core, file, () => idsIn(connection, file, pseudonym));
        if (found === 0) free.add(file.path);
        // Merged with others meanwhile, it is read again as a part of another one.
        else if (found === undefined && core.files.includes(file)) isUnsure = true;
      }
    }
    // Whose labels are meant is known when all predictions are.
    if (isUnsure) return free;
    for (const file of core.files.filter(({ table }) => table === 'labels')) {
      signal.throwIfAborted();
      const found = await read(core, file, () => labelsIn(connection, file));
      if (found === 0) free.add(file.path);
    }
    return free;
  } finally {
    connection.disconnectSync();
  }
}

/** All rows of a file, as a table to select from. */
export function rowsIn(file: StoreFile): string {
  return `(${storedRows([file])})`;
}

/** What is found in a file; undefined where it cannot be read now. */
async function read(
  core: StoreCore,
  file: StoreFile,
  find: () => Promise<number>,
): Promise<number | undefined> {
  try {
    await core.bucket?.fetch([file.path]);
    return await find();
  } catch (error) {
    if (error instanceof UnfitObject || isAboutFiles(error)) return undefined;
    throw error;
  }
}

/** Notes the predictions of the subject that are in it, and gives how many. */
async function idsIn(connection: DuckDBConnection, file: StoreFile, pseudonym: string): Promise<number> {
  const noted = await connection.run(
    `INSERT INTO ids_of_subject SELECT DISTINCT id, row FROM ${rowsIn(file)} WHERE subject = ${text(pseudonym)}`,
  );
  return noted.rowsChanged;
}

async function labelsIn(connection: DuckDBConnection, file: StoreFile): Promise<number> {
  const [found] = await rowsOf<{ labels: number }>(
    connection,
    `SELECT count(*)::INTEGER AS labels FROM ${rowsIn(file)} WHERE (id, row) IN (SELECT (id, row) FROM ids_of_subject)`,
  );
  return found?.labels ?? 0;
}
