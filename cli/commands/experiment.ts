import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { AnalyzeOptions } from '../experiment/run-analyze.ts';
import { outputOption } from '../output-option.ts';

/** Adds `switchyard experiment analyze --data FILE`. */
export function addExperiment(program: Command, { terminal, act }: Context): void {
  const experiment = program
    .command('experiment')
    .description('judge an experiment by its numbers')
    .addHelpText(
      'after',
      `
Examples:
  switchyard experiment analyze --data experiment.json
  switchyard experiment analyze --help`,
    );
  experiment
    .command('analyze')
    .description('compare the arms of an experiment, offline')
    .requiredOption('-d, --data <file>', 'the experiment: JSON or YAML; - for standard input')
    .addOption(outputOption(['json', 'yaml']))
    .addHelpText(
      'after',
      `
The file says what was measured and how it is to be judged; the first arm is the control:

  {"metric": "proportion",
   "arms": [{"name": "stable", "n": 10000, "sum": 500}, {"name": "candidate", "n": 10200, "sum": 571}],
   "method": "sequential", "difference": "relative", "alternative": "two-sided", "alpha": 0.05}

docs/statistics.md says which method answers what, and has every field.

Examples:
  switchyard experiment analyze --data experiment.json
  switchyard experiment analyze --data - --output json < experiment.json

Exit status: 0 when it was judged, whatever came of it; 1 when its numbers are degenerate; 2 when it cannot be read.`,
    )
    .action(
      act(async (options: AnalyzeOptions) => {
        const { runAnalyze } = await import('../experiment/run-analyze.ts');
        return runAnalyze(options, terminal);
      }),
    );
}
