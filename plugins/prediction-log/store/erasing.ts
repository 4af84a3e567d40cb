/** Erases a subject: every file that holds any of it is written anew without it, and all is looked through again. */
import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import type { ErasedFile, Erasure } from '../../../core/capabilities/prediction-sink.ts';
import { erasureIncomplete } from '../../../core/capabilities/prediction-sink-errors.ts';
import { adopt, lookInto, settleErasure } from './bucket/keeping.ts';
import type { TableName } from './columns.ts';
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
    // What nobody has found in it yet might hold them, too.
    if (core.bucket !== undefined) await adopt(core, core.bucket, await lookInto(core, core.bucket));
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
  await writer.run('CREATE TABLE erased_ids (id VARCHAR, row INTEGER)');
  // Of a prediction with several subjects the rows of the others stay, and so do their labels.
  for (const file of core.files) {
    if (file.table !== 'predictions' || !(await core.isHere(file))) continue;
    await writer.run(
      `INSERT INTO erased_ids SELECT DISTINCT id, row FROM ${rowsIn(file)} WHERE subject = ${text(pseudonym)}`,
    );
  }
  const conditions = {
    predictions: `subject IS NOT DISTINCT FROM ${text(pseudonym)}`,
    labels: '(id, row) IN (SELECT (id, row) FROM erased_ids)',
  } as const;
  const rewritten: ErasedFile[] = [];
  const counts = { predictions: 0, labels: 0 };
  for (const file of core.files) {
    if (!(await core.isHere(file))) continue;
    const condition = conditions[file.table];
    const from = rowsIn(file);
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
  const remaining = await remainingOf(core, conditions);
  await writer.run('DROP TABLE erased_ids');
  if (remaining > 0) throw new Error(`${remaining} rows are still there`);
  if (core.bucket !== undefined) await settleErasure(core, core.bucket, rewritten);
  const aside = await readdir(core.paths.broken).catch(() => []);
  const unread = [
    ...aside,
    ...[...(core.bucket?.catalogue.damaged ?? [])].map((name) => `in the bucket: ${name}`),
  ];
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

/** Looks through all of it once more. */
async function remainingOf(
  core: StoreCore,
  conditions: Readonly<Record<TableName, string>>,
): Promise<number> {
  let remaining = 0;
  const count = async (from: string, condition: string) => {
    const [found] = await rowsOf<{ rows: number }>(
      core.writer,
      `SELECT count(*)::INTEGER AS rows FROM ${from} WHERE ${condition}`,
    );
    remaining += found?.rows ?? 0;
  };
  for (const table of ['predictions', 'labels'] as const) await count(`recent_${table}`, conditions[table]);
  for (const file of core.files) {
    if (await core.isHere(file)) await count(rowsIn(file), conditions[file.table]);
  }
  return remaining;
}

function rowsIn(file: StoreFile): string {
  return `(${storedRows([file])})`;
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
    `SELECT count(*)::INTEGER AS rows FROM ${rowsIn(next)}`,
  );
  if (written?.rows !== rows - erased)
    throw new Error(`${name} was written anew with other rows than it should have`);
  await core.swap([...others, next]);
  return { file: name, rows, erased, before, after: await digestOf(next.path) };
}
