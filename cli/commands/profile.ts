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
    .argument('<file>', 'a .csv, .tsv, .jsonl, .ndjson or .parquet file')
    .option(
      '--against <profile>',
      'count by the cells and categories of this profile: a window to compare with it',
    )
    .option('--out <file>', 'write the profile there, as JSON')
    .addOption(
      new Option('-o, --output <format>', 'table or json').choices(['table', 'json']).default('table'),
    )
    .addHelpText(
      'after',
      `
A profile holds counts, moments, quantiles, a histogram and frequent categories: at most 16 KB a column. Two of them can be
compared (switchyard drift compare), and those of parts put together.

Examples:
  switchyard profile data train.csv --out train.profile.json
  switchyard profile data today.csv --against train.profile.json --out today.profile.json
  switchyard drift compare -r train.profile.json -c today.profile.json`,
    )
    .action(
      act(async (file: string, options: ProfileDataOptions) => {
        const { runProfileData } = await import('../profile/run-profile-data.ts');
        return runProfileData(file, options, terminal);
      }),
    );
}
