import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { DataCheckOptions } from '../data/run-data-check.ts';

/** Adds `switchyard data check FILE`. */
export function addData(program: Command, { terminal, act }: Context): void {
  const data = program
    .command('data')
    .description('hold data against what its dataset promises')
    .addHelpText(
      'after',
      `
Examples:
  switchyard data check today.csv --dataset bird-strike
  switchyard data check --help`,
    );
  data
    .command('check')
    .description('check a file of data by the columns and expectations of a dataset, offline')
    .argument('<file>', 'a .csv, .tsv, .jsonl, .ndjson or .parquet file, or a profile (.json)')
    .requiredOption('--dataset <name>', 'the dataset whose promises count, of the registry here')
    .option('--now <time>', 'the moment that freshness is judged at, in ISO 8601 (default: this one)')
    .option('--strict', 'what cannot be said, and columns that are not declared, count as failures')
    .addOption(
      new Option('-o, --output <format>', 'table or json').choices(['table', 'json']).default('table'),
    )
    .addHelpText(
      'after',
      `
Judged are the columns and their types, ranges, missing values, uniqueness and categories, how many rows there are, and how old the
newest is. Each promise is one finding: pass, warn, fail, or unknown where a profile alone cannot say.

Examples:
  switchyard data check today.csv --dataset bird-strike
  switchyard data check hour.profile.json --dataset bird-strike --output json

Exit status: 0 when no promise is broken, 1 when one is.`,
    )
    .action(
      act(async (file: string, options: DataCheckOptions) => {
        const { runDataCheck } = await import('../data/run-data-check.ts');
        return runDataCheck(file, options, terminal);
      }),
    );
}
