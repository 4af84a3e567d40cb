import { readFile } from 'node:fs/promises';
import {
  type Cell,
  isMissing,
  numberOf,
  type ReadOptions,
  readRows,
} from '../../libraries/data-file/index.ts';
import {
  type ColumnTypes,
  type Profile,
  type ProfiledData,
  ProfileError,
  Profiler,
  readProfile,
} from '../../libraries/profile/index.ts';
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
  options: ReadOptions & {
    readonly reference?: Profile;
    readonly types?: ColumnTypes;
    /** Whether a row counts; all do without it. */
    readonly where?: (columns: readonly string[], row: readonly Cell[]) => boolean;
    readonly data?: ProfiledData;
    readonly onBatch?: (columns: readonly string[], rows: readonly (readonly Cell[])[]) => void;
    readonly onRows?: (rows: number) => void;
  },
): Promise<Profile> {
  const { reference, types, where, data, onBatch, onRows, ...reading } = options;
  const profiler = new Profiler<Cell>({ isMissing, numberOf }, reference, types);
  for await (const { columns, rows } of readRows(path, reading)) {
    profiler.add(columns, where === undefined ? rows : rows.filter((row) => where(columns, row)));
    onBatch?.(columns, rows);
    onRows?.(profiler.rows);
  }
  return profiler.profile(data);
}
