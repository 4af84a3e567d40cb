import { readFile } from 'node:fs/promises';
import {
  type Cell,
  isMissing,
  numberOf,
  type ReadOptions,
  readRows,
} from '../../libraries/data-file/index.ts';
import { type Profile, ProfileError, Profiler, readProfile } from '../../libraries/profile/index.ts';
import { fileUnreadable, profileUnusable } from '../errors.ts';

/** Whether a file is a stored profile, by its ending: data is never called so. */
export function isProfileFile(path: string): boolean {
  return path.toLowerCase().endsWith('.json');
}

/** Throws `FileUnreadable` and `ProfileUnusable`. */
export async function readProfileFile(path: string): Promise<Profile> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw fileUnreadable(path, error);
  });
  try {
    return readProfile(text);
  } catch (thrown) {
    if (thrown instanceof ProfileError) throw profileUnusable(path, thrown);
    throw thrown;
  }
}

/** Profiles a file as it is read: memory does not grow with its rows. Throws `DataFileError`, or what the file system throws. */
export async function profileData(
  path: string,
  options: ReadOptions & { readonly reference?: Profile; readonly onRows?: (rows: number) => void },
): Promise<Profile> {
  const { reference, onRows, ...reading } = options;
  const profiler = new Profiler<Cell>({ isMissing, numberOf }, reference);
  for await (const { columns, rows } of readRows(path, reading)) {
    profiler.add(columns, rows);
    onRows?.(profiler.rows);
  }
  return profiler.profile();
}
