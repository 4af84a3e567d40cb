import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { ProfileDataOptions } from '../profile/run-profile-data.ts';
import type { ProfileModelOptions } from '../profile/run-profile-model.ts';

/** Adds `switchyard profile data FILE` and `switchyard profile model NAME`. */
export function addProfile(program: Command, { terminal, act }: Context): void {
  const profile = program
    .command('profile')
    .description('say what a file of data holds, or how fast a model is')
    .addHelpText(
      'after',
      `
Examples:
  switchyard profile data train.csv
  switchyard profile model bird-strike@1.1.0
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
  profile
    .command('model')
    .description('measure latency and throughput by rows of a run and threads, and say what to write')
    .argument('[name]', 'NAME or NAME@VERSION of the registry here, without a version the newest')
    .option('--file <file>', 'a .onnx file in place of a version of the registry')
    .option(
      '--threads <list>',
      'threads on one operator: 1,2,4 (default: 1 and, where there are two processors, 2)',
    )
    .option('--rows <list>', 'rows of a run (default: 1,2,4,8,16,32,64)')
    .option('--for <milliseconds>', 'how long each pair of them is measured', '500')
    .addOption(
      new Option('-o, --output <format>', 'table or json').choices(['table', 'json']).default('table'),
    )
    .addHelpText(
      'after',
      `
The model runs in a process of its own, with the settings of its version but for the threads, on its first golden example or on made-up
inputs. Nothing is served, and no platform needs to run. Measure where it is to serve, while nothing else does.

Examples:
  switchyard profile model bird-strike
  switchyard profile model bird-strike@1.1.0 --threads 1,2,4 --rows 1,16,64
  switchyard profile model --file model.onnx --output json`,
    )
    .action(
      act(async (name: string | undefined, options: ProfileModelOptions) => {
        const { runProfileModel } = await import('../profile/run-profile-model.ts');
        return runProfileModel(name, options, terminal);
      }),
    );
}
