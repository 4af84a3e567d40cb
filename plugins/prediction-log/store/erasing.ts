/** Erases a subject: every file that holds any of it is written anew without it, and looked through again. */
import { readdir } from 'node:fs/promises';
import { relative } from 'node:path';
import type { ErasedFile, Erasure } from '../../../core/capabilities/prediction-sink.ts';
import { erasureIncomplete } from '../../../core/capabilities/prediction-sink-errors.ts';
import { messageOf } from '../../../core/plugin.ts';
import { adopt, lookInto, noteGone, settleErasure } from './bucket/keeping.ts';
import type { TableName } from './columns.ts';
import type { StoreCore } from './core.ts';
import { rowsOf, text } from './duck.ts';
import type { Erased } from './erasures.ts';
import { digestOf, removeFile, type StoreFile } from './files.ts';
import { filesWithout, rowsIn } from './files-without.ts';
import type { LookingUp } from './looking-up.ts';
import { ownColumns, writeParquet } from './parquet.ts';
import type { TakingIn } from './taking-in.ts';
import { writeOut } from './writing-out.ts';

interface Arriving {
  readonly takingIn: TakingIn;
  readonly lookingUp: LookingUp;
}

/**
 * One at a time, and not in turn: what takes long, which is to fetch and to read what holds nothing of the subject, is done while
 * others go on. Throws `ErasureIncomplete`.
 */
export async function erase(
  core: StoreCore,
  { erased, ...arriving }: Arriving & { readonly erased: Erased },
  subject: string,
  signal: AbortSignal,
): Promise<Erasure> {
  const { bucket } = core;
  const pseudonym = await erased.pseudonymOf(subject);
  const at = core.now();
  try {
    await core.inTurn(async () => {
      // From here on it is refused at the door.
      await erased.begin(pseudonym, at);
      await writeAll(core, arriving);
    });
    if (bucket !== undefined) {
      // What nobody has found in it yet might hold them, too.
      const found = await lookInto(core, bucket);
      await core.inTurn(() => adopt(core, bucket, found));
    }
    const free = await filesWithout(core, pseudonym, signal);
    const remaining = await core.inTurn(async () => {
      await writeAll(core, arriving);
      const found = await eraseFromFiles(core, pseudonym, free, (file) => erased.note(pseudonym, file));
      if (bucket !== undefined) await noteGone(core, bucket);
      return found;
    });
    const files = erased.filesOf(pseudonym);
    if (bucket !== undefined) await settleErasure(core, bucket, files);
    const aside = await readdir(core.paths.broken).catch(() => []);
    const damaged = [...(bucket?.catalogue.damaged ?? [])].map((name) => `in the bucket: ${name}`);
    const erasure: Erasure = {
      pseudonym,
      at: new Date(at).toISOString(),
      predictions: rowsOfTable('predictions', files),
      labels: rowsOfTable('labels', files),
      files,
      unread: [...aside, ...damaged],
      remaining,
    };
    await erased.end(erasure);
    return erasure;
  } catch (error) {
    throw erasureIncomplete(messageOf(error), error);
  }
}

/** All is in files then, and nothing of it in the inbox. Call it in turn. */
async function writeAll(core: StoreCore, { takingIn, lookingUp }: Arriving): Promise<void> {
  do {
    await takingIn.takeIn();
    await lookingUp.lookAtTold();
    await takingIn.takeIn();
    await writeOut(core, takingIn);
  } while (takingIn.rows > 0);
}

function rowsOfTable(table: TableName, files: readonly ErasedFile[]): number {
  const own = files.filter(({ file }) => file.startsWith(table));
  return own.reduce((sum, { erased }) => sum + erased, 0);
}

/** Of the files, without those that hold nothing of it. Gives how many rows are there still: 0. Call it in turn. */
async function eraseFromFiles(
  core: StoreCore,
  pseudonym: string,
  free: ReadonlySet<string>,
  note: (file: ErasedFile) => Promise<void>,
): Promise<number> {
  const { writer } = core;
  await core.putDamagedAside();
  const suspects = (): readonly StoreFile[] => core.files.filter(({ path }) => !free.has(path));
  await writer.run('DROP TABLE IF EXISTS erased_ids');
  // Of a prediction with several subjects the rows of the others stay, and so do their labels.
  await writer.run('CREATE TABLE erased_ids (id VARCHAR, row INTEGER)');
  for (const file of suspects()) {
    if (file.table !== 'predictions' || !(await core.isHere(file))) continue;
    await writer.run(
      `INSERT INTO erased_ids SELECT DISTINCT id, row FROM ${rowsIn(file)} WHERE subject = ${text(pseudonym)}`,
    );
  }
  const conditions = {
    predictions: `subject IS NOT DISTINCT FROM ${text(pseudonym)}`,
    labels: '(id, row) IN (SELECT (id, row) FROM erased_ids)',
  } as const;
  // Labels first: where this is cut off, they are found again by their predictions.
  const inOrder = (['labels', 'predictions'] as const).flatMap((table) =>
    suspects().filter((file) => file.table === table),
  );
  for (const file of inOrder) {
    if (!(await core.isHere(file))) continue;
    const condition = conditions[file.table];
    const from = rowsIn(file);
    const [found] = await rowsOf<{ rows: number; erased: number }>(
      writer,
      `SELECT count(*)::INTEGER AS rows, (count(*) FILTER (${condition}))::INTEGER AS erased FROM ${from}`,
    );
    if (found === undefined || found.erased === 0) continue;
    const rest = `SELECT ${ownColumns(file.table)} FROM ${from} WHERE NOT (${condition})`;
    await rewrite(core, file, { ...found, rest, note });
  }
  const remaining = await remainingOf(core, suspects(), conditions);
  await writer.run('DROP TABLE erased_ids');
  if (remaining > 0) throw new Error(`${remaining} rows are still there`);
  return remaining;
}

/** Looks once more through what may hold any of it. */
async function remainingOf(
  core: StoreCore,
  files: readonly StoreFile[],
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
  for (const file of files) {
    if (await core.isHere(file)) await count(rowsIn(file), conditions[file.table]);
  }
  return remaining;
}

interface Rewriting {
  readonly rows: number;
  readonly erased: number;
  /** What stays, as a SELECT. */
  readonly rest: string;
  readonly note: (file: ErasedFile) => Promise<void>;
}

async function rewrite(
  core: StoreCore,
  file: StoreFile,
  { rows, erased, rest, note }: Rewriting,
): Promise<void> {
  const before = await digestOf(file.path);
  const name = relative(core.paths.store, file.path);
  if (erased === rows) {
    await note({ file: name, rows, erased, before, after: null });
    await core.exchange([file]);
    return;
  }
  const { table } = file;
  const from = { sources: [], replaces: [file.path] };
  const next = await writeParquet(core.writer, core.paths, { table, where: file, rows: rest, from });
  try {
    const [written] = await rowsOf<{ rows: number }>(
      core.writer,
      `SELECT count(*)::INTEGER AS rows FROM ${rowsIn(next)}`,
    );
    if (written?.rows !== rows - erased)
      throw new Error(`${name} was written anew with other rows than it should have`);
    await note({ file: name, rows, erased, before, after: await digestOf(next.path) });
  } catch (error) {
    await removeFile(next.path);
    throw error;
  }
  await core.exchange([file], [next]);
}
