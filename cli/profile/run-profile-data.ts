import { stat, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { DataFileError } from '../../libraries/data-file/index.ts';
import { type Profile, writeProfile } from '../../libraries/profile/index.ts';
import { dataFileUnusable, fileNotWritable, fileUnreadable } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { profileTable } from '../output/profile-table.ts';
import { withProgress } from '../output/progress.ts';
import type { Terminal } from '../terminal.ts';
import { profileData, readProfileFile } from './profile-file.ts';

export interface ProfileDataOptions {
  readonly against?: string;
  readonly out?: string;
  readonly output: 'table' | 'json';
}

/** Profiles a file of data, prints or writes the profile, and answers the status to exit with. */
export async function runProfileData(
  file: string,
  { against, out, output }: ProfileDataOptions,
  terminal: Terminal,
): Promise<number> {
  const path = resolve(terminal.folder, file);
  const reference =
    against === undefined ? undefined : await readProfileFile(resolve(terminal.folder, against));
  const profile = await read(path, file, reference, terminal);
  if (out !== undefined) {
    const target = resolve(terminal.folder, out);
    await writeFile(target, writeProfile(profile)).catch((error: unknown) => {
      throw fileNotWritable(target, error);
    });
  }
  if (output === 'json' && out === undefined) terminal.out(writeProfile(profile));
  else if (output === 'table') terminal.out(profileTable(profile, file, terminal));
  return exitCodes.success;
}

async function read(
  path: string,
  file: string,
  reference: Profile | undefined,
  terminal: Terminal,
): Promise<Profile> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  let bytes = 0;
  let rows = 0;
  const doing = () => {
    const share = size > 0 ? `, ${Math.min(100, Math.round((100 * bytes) / size))} %` : '';
    return `profiling ${file}: ${rows.toLocaleString('en-US')} rows${share}`;
  };
  const work = profileData(path, {
    signal: terminal.signal,
    onBytes: (more) => {
      bytes += more;
    },
    onRows: (seen) => {
      rows = seen;
    },
    ...(reference === undefined ? {} : { reference }),
  });
  try {
    return await withProgress(terminal, doing, work);
  } catch (thrown) {
    if (thrown instanceof DataFileError) throw dataFileUnusable(path, thrown);
    if (thrown instanceof Error && 'syscall' in thrown) throw fileUnreadable(path, thrown);
    throw thrown;
  }
}
