/** Brings the bucket up to what the store holds: what is new goes there, what is gone goes from there, what is only there is found. */
import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ErasedFile } from '../../../../core/capabilities/prediction-sink.ts';
import { type FoundObject, ObjectStorageError } from '../../../../libraries/object-storage/index.ts';
import type { StoreCore } from '../core.ts';
import { rowsOf, text } from '../duck.ts';
import { isAboutFiles } from '../file-errors.ts';
import { digestOf, fileNamed, partitionKey, type StoreFile } from '../files.ts';
import { madeOf } from '../parquet.ts';
import { type Bucket, BucketTrouble } from './bucket.ts';
import { type Footer, footerOf } from './footer.ts';

/** What was just read stays: the same is often asked again. */
const stayMs = 5_000;

/** So many files are put there before it is written down that they are. */
const savedEvery = 20;

/** What was found in the bucket, with what the ends of unknown files say. */
export interface Found {
  readonly names: ReadonlySet<string>;
  /** Those that were in the catalogue before anybody looked. */
  readonly expected: readonly string[];
  readonly unknown: readonly UnknownObject[];
  /** Names of files in whose place others were written. */
  readonly replaced: ReadonlySet<string>;
}

interface UnknownObject {
  readonly name: string;
  readonly bytes: number;
  /** Undefined where it is no Parquet file. */
  readonly footer: Footer | undefined;
}

/** Looks what the bucket holds. Changes nothing. */
export async function lookInto(core: StoreCore, bucket: Bucket): Promise<Found> {
  const { catalogue, storage, settings } = bucket;
  const expected = [...catalogue.objects.keys()];
  return bucket.attempt(async () => {
    await ensureOwner(core, bucket);
    const names = new Set<string>();
    const unknown: UnknownObject[] = [];
    for await (const { key, bytes } of storage.list(settings.prefix) as AsyncIterable<FoundObject>) {
      const name = key.slice(settings.prefix.length);
      names.add(name);
      const isKnown = catalogue.objects.has(name) || catalogue.gone.has(name) || catalogue.damaged.has(name);
      if (isKnown || fileNamed(core.paths.store, name, bytes) === undefined) continue;
      // What is on this machine, too, is put there again.
      if (core.files.some(({ path }) => path === bucket.pathOf(name))) continue;
      unknown.push({ name, bytes, footer: await footerIn(bucket, name, bytes) });
    }
    return { names, expected, unknown, replaced: await replacedBy(core, bucket, unknown) };
  });
}

/** What is unknown may be what was merged or written anew since, by other unknown ones or by files of the same place and day. */
async function replacedBy(
  core: StoreCore,
  bucket: Bucket,
  unknown: readonly UnknownObject[],
): Promise<ReadonlySet<string>> {
  const paths = unknown.flatMap(({ footer }) => footer?.replaces ?? []);
  const folders = new Set(unknown.map(({ name }) => dirname(bucket.pathOf(name))));
  for (const file of core.files) {
    if (file.kind === 'r' && folders.has(dirname(file.path)))
      paths.push(...(await replacesOf(core, bucket, file)));
  }
  return new Set(paths.map(nameIn));
}

async function replacesOf(core: StoreCore, bucket: Bucket, file: StoreFile): Promise<readonly string[]> {
  const { path, bytes } = file;
  if (bucket.isAbsent(path)) return (await footerIn(bucket, bucket.nameOf(path), bytes))?.replaces ?? [];
  try {
    return (await core.reading((connection) => madeOf(connection, path))).replaces;
  } catch (error) {
    // Of one that is damaged, what it was made of is all that there is.
    if (isAboutFiles(error)) return [];
    throw error;
  }
}

/** Takes in what was found. Call it in turn. */
export async function adopt(
  core: StoreCore,
  bucket: Bucket,
  { names, expected, unknown, replaced }: Found,
): Promise<void> {
  const { catalogue } = bucket;
  const added: StoreFile[] = [];
  for (const { name, bytes, footer } of unknown) {
    const path = bucket.pathOf(name);
    const file = fileNamed(core.paths.store, name, bytes);
    if (file === undefined || core.files.some((one) => one.path === path)) continue;
    if (footer === undefined) {
      catalogue.markDamaged(name);
      core.state.count('unreadable', 1);
      core.log('warn', 'an object of the prediction log is no Parquet file', { key: bucket.keyOf(name) });
      continue;
    }
    catalogue.add(name, { bytes, rows: footer.rows });
    // It is in the catalogue and in no view: so it is removed.
    if (replaced.has(name)) continue;
    await bucket.leaveToBucket(path);
    added.push(file);
  }
  let files = core.files.filter(({ path }) => !replaced.has(bucket.nameOf(path)));
  for (const name of expected) {
    if (names.has(name) || !catalogue.objects.has(name)) continue;
    catalogue.forget(name);
    const path = bucket.pathOf(name);
    // What is here, too, is put there again.
    if (!bucket.isAbsent(path)) continue;
    files = files.filter((file) => file.path !== path);
    bucket.counts.missing++;
    const key = bucket.keyOf(name);
    core.log('warn', 'an object of the prediction log is lost: questions go on without it', { key });
  }
  await catalogue.save();
  if (added.length > 0 || files.length < core.files.length) await core.swap([...files, ...added]);
  if (added.length > 0)
    core.log('info', 'files of the prediction log were found in the bucket', { files: added.length });
}

/** Puts there what is only here. */
export async function putNew(core: StoreCore, bucket: Bucket): Promise<void> {
  const { catalogue } = bucket;
  try {
    for (const [index, file] of pending(core, bucket).entries()) {
      if (index % savedEvery === savedEvery - 1) await catalogue.save();
      const name = bucket.nameOf(file.path);
      await bucket.inTurn(async () => {
        if (!core.files.includes(file) || catalogue.objects.has(name)) return;
        const sha256 = (await digestOf(file.path)).replace(/^sha256:/, '');
        const rows = await core.reading((connection) =>
          rowsOf<{ rows: number }>(
            connection,
            `SELECT num_rows::DOUBLE AS rows FROM parquet_file_metadata(${text(file.path)})`,
          ),
        );
        const object = { bytes: file.bytes, sha256 };
        await bucket.attempt(() =>
          bucket.within(file.bytes, (signal) =>
            bucket.storage.put(bucket.keyOf(name), file.path, object, signal),
          ),
        );
        catalogue.add(name, { ...object, rows: rows[0]?.rows ?? 0 });
        bucket.counts.uploaded++;
      });
    }
  } finally {
    await catalogue.save();
  }
}

/** Files that are on this machine alone, the oldest first. */
export function pending(core: StoreCore, bucket: Bucket): readonly StoreFile[] {
  return core.files
    .filter(({ path }) => !bucket.isAbsent(path) && !bucket.catalogue.objects.has(bucket.nameOf(path)))
    .sort((one, other) => one.madeAt - other.madeAt);
}

/** Notes what is in the bucket and no longer in the store. Call it in turn. */
export async function noteGone(core: StoreCore, bucket: Bucket): Promise<void> {
  const kept = new Set(core.files.map(({ path }) => bucket.nameOf(path)));
  for (const name of [...bucket.catalogue.objects.keys()]) {
    // A later version of this program may name files in ways that this one does not know.
    if (kept.has(name) || fileNamed(core.paths.store, name, 0) === undefined) continue;
    bucket.markGone(bucket.pathOf(name));
  }
  await bucket.catalogue.save();
}

/** Removes what is gone; of what was written anew only once that is in the bucket, too, unless it must go at `any` price. */
export async function removeGone(core: StoreCore, bucket: Bucket, any = false): Promise<void> {
  const { catalogue, storage } = bucket;
  const waits = new Set(
    any ? [] : pending(core, bucket).map((file) => `${file.table}/${partitionKey(file)}`),
  );
  try {
    for (const name of [...catalogue.gone]) {
      const file = fileNamed(core.paths.store, name, 0);
      if (file !== undefined && waits.has(`${file.table}/${partitionKey(file)}`)) continue;
      await bucket.inTurn(() =>
        bucket.attempt(() => bucket.within(0, (signal) => storage.remove(bucket.keyOf(name), signal))),
      );
      catalogue.forget(name);
    }
  } finally {
    await catalogue.save();
  }
}

/**
 * Leaves to the bucket what was not read for longest, where more is here than should be; nothing that was read just now. Call it
 * in turn.
 */
export async function makeRoom(core: StoreCore, bucket: Bucket, justNowMs = stayMs): Promise<void> {
  const both = core.files.filter(
    ({ path }) => !bucket.isAbsent(path) && bucket.catalogue.objects.has(bucket.nameOf(path)),
  );
  let bytes = both.reduce((sum, file) => sum + file.bytes, 0);
  if (bytes <= bucket.settings.cacheSize) return;
  const lately = core.now() - justNowMs;
  const order = (file: StoreFile) => Math.max(bucket.usedAt(file.path), file.madeAt);
  for (const file of both.sort((one, other) => order(one) - order(other))) {
    if (bytes <= bucket.settings.cacheSize) return;
    if (bucket.usedAt(file.path) > lately) continue;
    await bucket.leaveToBucket(file.path);
    bytes -= file.bytes;
  }
}

/** Takes what turned out to be no good out of the store. Call it in turn. */
export async function dropUnfit(core: StoreCore, bucket: Bucket): Promise<void> {
  const unfit = bucket.takeUnfit();
  if (unfit.size === 0) return;
  for (const [path, how] of unfit) {
    const name = bucket.nameOf(path);
    if (how === 'damaged') {
      bucket.catalogue.markDamaged(name);
      core.state.count('unreadable', 1);
    } else {
      bucket.catalogue.forget(name);
      bucket.counts.missing++;
    }
  }
  await bucket.catalogue.save();
  await core.swap(core.files.filter(({ path }) => !unfit.has(path)));
  for (const path of unfit.keys()) bucket.forget(path);
}

/** Removes what was erased, and noted as gone, from the bucket, and looks that it is gone. Throws where that cannot be proved. */
export async function settleErasure(
  core: StoreCore,
  bucket: Bucket,
  erased: readonly ErasedFile[],
): Promise<void> {
  await removeGone(core, bucket, true);
  await putNew(core, bucket);
  await bucket.attempt(async () => {
    // Whatever was found now: it may keep what was removed long ago.
    if (await keepsVersions(bucket))
      throw new Error('the bucket keeps versions of what is removed: remove those, and let it keep none');
    for (const { file } of erased) {
      if (await bucket.within(0, (signal) => bucket.storage.has(bucket.keyOf(file), signal)))
        throw new Error(`${bucket.keyOf(file)} is still in the bucket`);
    }
  });
}

/** Storages that know no versions say so, or answer something else. */
async function keepsVersions(bucket: Bucket): Promise<boolean> {
  try {
    return await bucket.within(0, (signal) => bucket.storage.keepsVersions(signal));
  } catch (error) {
    const isUnknown = error instanceof ObjectStorageError && [400, 404, 405, 501].includes(error.status ?? 0);
    if (isUnknown) return false;
    throw error;
  }
}

async function footerIn(bucket: Bucket, name: string, bytes: number): Promise<Footer | undefined> {
  try {
    return await footerOf(bucket.storage, bucket.keyOf(name), bytes);
  } catch (error) {
    if (error instanceof ObjectStorageError) throw error;
    return undefined;
  }
}

/** Two logs in one place would take each other's files for their own, and erase nobody with the other's key. */
async function ensureOwner(core: StoreCore, bucket: Bucket): Promise<void> {
  const hex = (await readFile(core.paths.keyFile, 'utf8')).trim();
  const own = createHmac('sha256', Buffer.from(hex, 'hex')).update('owner').digest('base64url');
  const key = bucket.keyOf('owner');
  let found: string;
  try {
    found = (await bucket.storage.part(key, 0, 100)).toString('utf8').trim();
  } catch (error) {
    if (!(error instanceof ObjectStorageError && error.isMissing)) throw error;
    if (bucket.hasAbsent) {
      throw new BucketTrouble(
        'it holds no log, and files of this log are in another bucket or under another prefix alone: name that again, or copy them here first',
      );
    }
    await bucket.storage.putText(key, `${own}\n`);
    return;
  }
  if (found !== own) {
    throw new BucketTrouble(
      `${key} says that this is the log of a platform with another key: give this one a prefix of its own, or that key`,
    );
  }
}

/** The name of a file by its path on the machine that wrote it. */
function nameIn(path: string): string {
  return (
    /(predictions|labels)\/date=[^/]+\/environment=[^/]+\/deployment=[^/]+\/[^/]+$/.exec(
      path.replaceAll('\\', '/'),
    )?.[0] ?? path
  );
}
