import { type Command, Option } from 'commander';
import type { Context } from '../context.ts';
import type { PerformanceOptions } from '../performance/run-performance.ts';

/** Adds `switchyard performance FILE`. */
export function addPerformance(program: Command, { terminal, act }: Context): void {
  const again = (word: string, words: readonly string[] = []) => [...words, word];
  program
    .command('performance')
    .description('say how right the predictions in a file are, with or without labels')
    .argument('<file>', 'predictions: .csv, .tsv, .jsonl, .ndjson or .parquet')
    .requiredOption('-l, --label <column>', 'the column of what turned out to be true')
    .requiredOption(
      '-p, --prediction <column>',
      'the column of what was predicted: a probability, a class or a number',
    )
    .option('--positive <value>', 'the label that the probability is of (default: 1, true or yes)')
    .option('--negative <value>', 'the label that it is not of, where all others count as one')
    .option('--threshold <number>', 'probability from which on a row is predicted positive (default: 0.5)')
    .addOption(
      new Option('--task <task>', 'what is predicted (default: by what stands there)').choices([
        'binary',
        'multiclass',
        'regression',
      ]),
    )
    .option('-m, --metrics <names>', 'only these, with commas between (default: all of the task)')
    .option('-s, --slice <column>', 'also by the values of this column; may be given again', again)
    .option('-r, --reference <file>', 'labelled predictions: estimate those of FILE without labels from them')
    .option(
      '--replicates <number>',
      'samples that intervals are made of; 0: no intervals (default: 1000, fewer of many rows)',
    )
    .option('--seed <number>', 'the same seed gives the same intervals (default: 1)')
    .addOption(
      new Option('-o, --output <format>', 'table or json').choices(['table', 'json']).default('table'),
    )
    .option('--out <file>', 'write there instead of to standard output')
    .addHelpText(
      'after',
      `
With labels: accuracy, precision, recall, F1, AUC, log loss, Brier score and calibration of probabilities; averages over several classes;
MAE, RMSE, MAPE and R² of numbers. Each with a bootstrap interval, or the reason why there is none. With --reference also what
they would be without labels, estimated from calibrated probabilities. What each figure says: docs/performance.md.

Examples:
  switchyard performance scored.csv --label damaged --prediction probability
  switchyard performance scored.csv -l damage -p probability --negative None --slice phase_of_flight
  switchyard performance today.parquet -l damaged -p probability --reference labelled.csv --output json

Exit status: 0 when it was measured, whatever came of it.`,
    )
    .action(
      act(async (file: string, options: PerformanceOptions) => {
        const { runPerformance } = await import('../performance/run-performance.ts');
        return runPerformance(file, options, terminal);
      }),
    );
}
