import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { ProfileDataOptions } from '../profile/run-profile-data.ts';

/** Adds `switchyard profile data FILE`. */
export function addProfile(program: Command, { terminal, act }: Context): void {
  const profile = program
    .command('profile')
    .description('say what a file of data holds, without its rows')
    .addHelpText(
      'after',
      `
Examples:
  switchyard profile data train.csv
  switchyard profile data --help`,
    );
  profile
    .command('data')
    .description('profile a file as it is read: memory does not grow with its rows')
    .argument('[file]', 'a .csv, .tsv, .jsonl, .ndjson or .parquet file (default: that of --dataset)')
    .option(
      '--against <profile>',
      'count by the cells and categories of this profile: a window to compare with it',
    )
    .option(
      '--dataset <name>',
      'NAME or NAME@VERSION of the registry here: its columns by their types, and the file must be its data',
    )
    .option('--where <condition>', 'only rows that meet it, in CEL, such as those that train; with --dataset')
    .option('--write', 'write the profile beside the dataset’s manifest, and name it there; with --dataset')
    .option('--out <file>', 'write the profile there, as JSON')
    .addOption(
      new Option('-o, --output <format>', 'table or json').choices(['table', 'json']).default('table'),
    )
    .addHelpText(
      'after',
      `
A profile holds counts, moments, quantiles, a histogram and frequent categories: at most 16 KB a column. Two of them can be
compared (switchyard drift compare), and those of parts put together. One that a dataset names is the reference of monitors: it is
committed with the dataset, and refused where it was changed or belongs to other data.

Examples:
  switchyard profile data train.csv --out train.profile.json
  switchyard profile data today.csv --against train.profile.json --out today.profile.json
  switchyard drift compare -r train.profile.json -c today.profile.json
  switchyard profile data --dataset bird-strike@1 --where 'flight_date < "1995" && id % 5 != 0' --write`,
    )
    .action(
      act(async (file: string | undefined, options: ProfileDataOptions) => {
        const { runProfileData } = await import('../profile/run-profile-data.ts');
        return runProfileData(file, options, terminal);
      }),
    );
}
