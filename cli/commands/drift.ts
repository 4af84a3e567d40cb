import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { CompareFilesOptions } from '../drift/run-compare.ts';

/** Adds `switchyard drift compare --reference A --current B`. */
export function addDrift(program: Command, { terminal, act }: Context): void {
  const drift = program
    .command('drift')
    .description('see whether data has moved away from what a model was made for')
    .addHelpText(
      'after',
      `
Examples:
  switchyard drift compare --reference train.csv --current today.csv
  switchyard drift compare --help`,
    );
  drift
    .command('compare')
    .description('compare two files column by column, offline')
    .requiredOption(
      '-r, --reference <file>',
      'what the model was made for: .csv, .tsv, .jsonl, .ndjson, .parquet, or a profile (.json)',
    )
    .requiredOption('-c, --current <file>', 'what it sees now, of the same sort')
    .option(
      '-t, --test <test>',
      'a test for all columns, or COLUMN=TEST for one; may be given again (default: by type and size)',
      (word: string, words: readonly string[] = []) => [...words, word],
    )
    .option('--columns <names>', 'only these, with commas between (default: all)')
    .option('--alpha <number>', 'significance that p values are compared with (default: 0.05)')
    .addOption(
      new Option('--correction <method>', 'for the number of tests')
        .choices(['benjamini-hochberg', 'holm', 'none'])
        .default('benjamini-hochberg'),
    )
    .option('--threshold <effect>', 'effect from which on a column drifts (default: of its test)')
    .option('--share <number>', 'share of drifted columns that makes a drifted dataset (default: 0.5)')
    .addOption(new Option('--base <base>', 'of the Jensen–Shannon distance').choices(['2', 'e']))
    .option('--target <column>', 'what the model is to answer: judged by itself, no part of the share')
    .option('--prediction <column>', 'what the model answers: judged by itself, no part of the share')
    .option(
      '--slice <column[=value]>',
      'also within the rows that have a value, or each value of a column; may be given again',
      (word: string, words: readonly string[] = []) => [...words, word],
    )
    .option(
      '--multivariate [methods]',
      'also columns together: domain-classifier, pca-reconstruction, with a comma between (default: both)',
    )
    .addOption(
      new Option('-o, --output <format>', 'table, json or html')
        .choices(['table', 'json', 'html'])
        .default('table'),
    )
    .option('--out <file>', 'write there instead of to standard output')
    .option('--fail-on-drift', 'exit with status 1 where a column has drifted, or columns together have')
    .addHelpText(
      'after',
      `
A column has drifted where its difference is significant, after correcting for the number of tests, and its effect reaches
the threshold. Tests, and when to use which: docs/drift.

Examples:
  switchyard drift compare -r train.csv -c today.csv
  switchyard drift compare -r train.csv -c today.jsonl --test psi --test speed=wasserstein --output json
  switchyard drift compare -r train.parquet -c today.parquet --output html --out drift.html
  switchyard drift compare -r train.csv -c today.csv --columns speed,phase,operator --multivariate
  switchyard drift compare -r train.csv -c today.csv --target damage --slice phase --slice operator=MILITARY

Exit status: 0 when it was compared, whatever came of it; with --fail-on-drift 1 where a column has drifted.`,
    )
    .action(
      act(async (options: CompareFilesOptions) => {
        const { runCompare } = await import('../drift/run-compare.ts');
        return runCompare(options, terminal);
      }),
    );
}
