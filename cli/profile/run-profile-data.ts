import { relative, resolve } from 'node:path';
import { writeProfile } from '../../libraries/profile/index.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { profileTable } from '../output/profile-table.ts';
import type { Terminal } from '../terminal.ts';
import { writeOver } from '../whole-file.ts';
import { columnTypes, type DatasetVersion, findDatasetVersion } from './dataset-version.ts';
import { profileFile } from './profile-by-file.ts';
import { type profileData, readProfileFile } from './profile-file.ts';
import { rowCondition } from './row-condition.ts';
import { type WrittenReference, writeReference } from './write-reference.ts';

export interface ProfileDataOptions {
  readonly against?: string;
  readonly dataset?: string;
  readonly where?: string;
  readonly write?: boolean;
  readonly out?: string;
  readonly output: 'table' | 'json';
}

/** Profiles a file of data, prints or writes the profile, and answers the status to exit with. */
export async function runProfileData(
  named: string | undefined,
  options: ProfileDataOptions,
  terminal: Terminal,
): Promise<number> {
  const { against, dataset, out, output, write } = options;
  refuseUnfit(named, options);
  const of = dataset === undefined ? undefined : await findDatasetVersion(dataset, named, terminal);
  const path = of?.file ?? resolve(terminal.folder, named ?? '');
  const file = named ?? (relative(terminal.folder, path) || path);
  const reference =
    against === undefined ? undefined : await readProfileFile(resolve(terminal.folder, against));
  const condition =
    of === undefined || options.where === undefined
      ? undefined
      : rowCondition(options.where, of.dataset.spec.columns);
  const profile = await profileFile(path, file, terminal, {
    ...(reference === undefined ? {} : { reference }),
    ...(of === undefined ? {} : ofDataset(of, options.where)),
    ...(condition === undefined ? {} : { where: condition.holds }),
  });
  if (of !== undefined && profile.rows === 0) throw noRow(file, options.where);
  if (out !== undefined) await writeOver(resolve(terminal.folder, out), writeProfile(profile));
  const written = of !== undefined && write === true ? await writeReference(profile, of) : undefined;
  if (output === 'json' && out === undefined) terminal.out(writeProfile(profile));
  else if (output === 'table') {
    const unclear = condition?.unclear ?? 0;
    const left = unclear === 0 ? '' : `\n${unclear} rows are left out: of them the condition cannot be said`;
    terminal.out(profileTable(profile, file, terminal) + left);
    if (written !== undefined) terminal.out(`\n${words(written)}`);
  }
  return exitCodes.success;
}

function refuseUnfit(
  named: string | undefined,
  { against, dataset, where, write }: ProfileDataOptions,
): void {
  const help = 'See `switchyard help profile data`.';
  if (dataset === undefined) {
    if (named === undefined) throw usageError('no file is named, and no dataset', help);
    if (write === true)
      throw usageError('--write needs to know whose profile it is: add --dataset NAME', help);
    if (where !== undefined)
      throw usageError('--where needs the types of the columns: add --dataset NAME', help);
  } else if (against !== undefined)
    throw usageError('--dataset makes a reference, and --against a window of one', help);
}

/** The columns that are declared, by their types, and no others. */
function ofDataset(
  { dataset, version }: DatasetVersion,
  where: string | undefined,
): Pick<Parameters<typeof profileData>[1], 'types' | 'data'> {
  return {
    types: columnTypes(dataset),
    data: { digest: version.digest, ...(where === undefined ? {} : { where }) },
  };
}

function noRow(file: string, where: string | undefined): Error {
  return usageError(
    where === undefined ? `${file} has no row` : `no row of ${file} meets the condition`,
    'A profile of nothing is no reference. Nothing was written.',
  );
}

function words({ profile, manifest, bytes, isChanged }: WrittenReference): string {
  const size = `${Math.ceil(bytes / 1024)} KB`;
  return isChanged
    ? `wrote ${profile} (${size}), and ${manifest} names it: commit both`
    : `${profile} (${size}) is as ${manifest} names it already`;
}
