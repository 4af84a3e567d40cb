/** Erases a subject: every file that holds any of it is written anew without it, and all is looked through again. */
import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import type { ErasedFile, Erasure } from '../../../core/capabilities/prediction-sink.ts';
import { erasureIncomplete } from '../../../core/capabilities/prediction-sink-errors.ts';
import type { StoreCore } from './core.ts';
import { rowsOf, text } from './duck.ts';
import type { Erased } from './erasures.ts';
import { digestOf, type StoreFile } from './files.ts';
import { lookAtTold } from './looking-up.ts';
import { ownColumns, storedRows, writeParquet } from './parquet.ts';
import type { TakingIn } from './taking-in.ts';
import { writeOut } from './writing-out.ts';

/** Call it in turn. Throws `ErasureIncomplete`. */
export async function erase(
  core: StoreCore,
  takingIn: TakingIn,
  erased: Erased,
  subject: string,
): Promise<Erasure> {
  const pseudonym = await erased.pseudonymOf(subject);
  const at = core.now();
  try {
    // From here on it is refused at the door.
    await erased.begin(pseudonym, at);
    // All is in files then, and nothing of it in the inbox.
    do {
      await lookAtTold(core);
      await takingIn.takeIn();
      await writeOut(core, takingIn);
    } while (takingIn.rows > 0);
    return await eraseFromFiles(core, erased, pseudonym, at);
  } catch (error) {
    throw erasureIncomplete(error instanceof Error ? error.message : String(error), error);
  }
}

async function eraseFromFiles(
  core: StoreCore,
  erased: Erased,
  pseudonym: string,
  at: number,
): Promise<Erasure> {
  const { writer } = core;
  await core.putDamagedAside();
  await writer.run('DROP TABLE IF EXISTS erased_ids');
  // Of a prediction with several subjects the rows of the others stay, and so do their labels.
  await writer.run(
    `CREATE TABLE erased_ids AS SELECT DISTINCT id, row FROM predictions WHERE subject = ${text(pseudonym)}`,
  );
  const conditions = {
    predictions: `subject IS NOT DISTINCT FROM ${text(pseudonym)}`,
    labels: '(id, row) IN (SELECT (id, row) FROM erased_ids)',
  } as const;
  const rewritten: ErasedFile[] = [];
  const counts = { predictions: 0, labels: 0 };
  for (const file of core.files) {
    const condition = conditions[file.table];
    const from = `(${storedRows([file])})`;
    const [found] = await rowsOf<{ rows: number; erased: number }>(
      writer,
      `SELECT count(*)::INTEGER AS rows, (count(*) FILTER (${condition}))::INTEGER AS erased FROM ${from}`,
    );
    if (found === undefined || found.erased === 0) continue;
    counts[file.table] += found.erased;
    rewritten.push(
      await rewrite(
        core,
        file,
        found,
        `SELECT ${ownColumns(file.table)} FROM ${from} WHERE NOT (${condition})`,
      ),
    );
  }
  const [left] = await rowsOf<{ remaining: number }>(
    writer,
    `SELECT (SELECT count(*) FROM predictions WHERE subject = ${text(pseudonym)})::INTEGER
       + (SELECT count(*) FROM labels WHERE ${conditions.labels})::INTEGER AS remaining`,
  );
  await writer.run('DROP TABLE erased_ids');
  const remaining = left?.remaining ?? 0;
  if (remaining > 0) throw new Error(`${remaining} rows are still there`);
  const unread = await readdir(core.paths.broken).catch(() => []);
  const erasure: Erasure = {
    pseudonym,
    at: new Date(at).toISOString(),
    ...counts,
    files: rewritten,
    unread,
    remaining,
  };
  await erased.end(erasure);
  return erasure;
}

async function rewrite(
  core: StoreCore,
  file: StoreFile,
  { rows, erased }: { readonly rows: number; readonly erased: number },
  rest: string,
): Promise<ErasedFile> {
  const before = await digestOf(file.path);
  const others = core.files.filter((one) => one !== file);
  const name = relative(core.paths.store, file.path);
  if (erased === rows) {
    await core.swap(others);
    return { file: name, rows, erased, before, after: null };
  }
  const { table } = file;
  const from = { replaces: [file.path] };
  const next = await writeParquet(core.writer, core.paths, { table, where: file, rows: rest, from });
  const [written] = await rowsOf<{ rows: number }>(
    core.writer,
    `SELECT count(*)::INTEGER AS rows FROM read_parquet(${text(next.path)}, hive_partitioning = false)`,
  );
  if (written?.rows !== rows - erased)
    throw new Error(`${name} was written anew with other rows than it should have`);
  await core.swap([...others, next]);
  return { file: name, rows, erased, before, after: await digestOf(next.path) };
}
