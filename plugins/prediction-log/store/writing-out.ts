/** From memory into files, and from many small files into few. */

import type { TableName } from './columns.ts';
import type { StoreCore } from './core.ts';
import { rowsOf, text } from './duck.ts';
import { type Partition, partitionKey, removeFile, type StoreFile } from './files.ts';
import { waitingFiles } from './inbox.ts';
import { madeOf, ownColumns, storedRows, writeParquet } from './parquet.ts';
import type { TakingIn } from './taking-in.ts';

const both: readonly TableName[] = ['predictions', 'labels'];

/** Writes all that is in memory into files, one for each place and day. Call it in turn. */
export async function writeOut(core: StoreCore, takingIn: TakingIn): Promise<void> {
  const { writer, paths, files } = core;
  const { sources } = takingIn;
  if (sources.length === 0) return;
  const written: StoreFile[] = [];
  try {
    for (const table of both) {
      const places = await rowsOf<Partition & { readonly sources: string }>(
        writer,
        `SELECT date::VARCHAR AS date, environment, deployment, string_agg(DISTINCT source, chr(10)) AS sources
         FROM recent_${table} GROUP BY ALL`,
      );
      for (const where of places) {
        const rows = `SELECT ${ownColumns(table)} FROM recent_${table} WHERE ${conditionOf(where)}`;
        const from = { sources: where.sources.split('\n'), replaces: [] };
        written.push(await writeParquet(writer, paths, { table, where, rows, from }));
      }
    }
    await core.swap(
      [...files, ...written],
      both.map((table) => `DELETE FROM recent_${table}`),
    );
  } catch (error) {
    // Its rows are in memory still, and would be there twice.
    for (const { path } of written) await removeFile(path).catch(() => {});
    throw error;
  }
  await takingIn.written(sources);
}

/** As many files of one place and day are left alone. */
const mostSmall = 12;
const small = 32 * 1024 * 1024;

/** Makes one file of the small ones of a place and day, where there are many. Call it in turn. */
export async function merge(core: StoreCore): Promise<void> {
  const groups = new Map<string, StoreFile[]>();
  for (const file of core.files) {
    if (file.bytes >= small || core.bucket?.isAbsent(file.path) === true) continue;
    const key = `${file.table}/${partitionKey(file)}`;
    groups.set(key, [...(groups.get(key) ?? []), file]);
  }
  const waiting = new Set(await waitingFiles(core.paths.inbox));
  for (const group of groups.values()) {
    const [first] = group;
    if (group.length <= mostSmall || first === undefined) continue;
    const from = {
      sources: (await sourcesOf(core, group)).filter((name) => waiting.has(name)),
      replaces: group.map(({ path }) => path),
    };
    const rows = `SELECT * FROM (${storedRows(group)})`;
    const { table } = first;
    const merged = await writeParquet(core.writer, core.paths, { table, where: first, rows, from });
    await core.exchange(group, [merged]);
  }
}

/** What was handed in may not have been cleared from the inbox: whoever takes it in asks the files whether they hold it. */
async function sourcesOf(core: StoreCore, files: readonly StoreFile[]): Promise<readonly string[]> {
  const sources: string[] = [];
  for (const { path } of files) sources.push(...(await madeOf(core.writer, path)).sources);
  return sources;
}

/** Lets go of the days that are kept no longer. Call it in turn. */
export async function expire(core: StoreCore): Promise<void> {
  const now = core.now();
  const expired = core.files.filter((file) => {
    const end = Date.parse(`${file.date}T00:00:00Z`) + 86_400_000;
    return end + core.state.rulesOf(file).retain <= now;
  });
  if (expired.length > 0) await core.exchange(expired);
}

function conditionOf({ date, environment, deployment }: Partition): string {
  return `date = DATE ${text(date)} AND environment = ${text(environment)} AND deployment = ${text(deployment)}`;
}
