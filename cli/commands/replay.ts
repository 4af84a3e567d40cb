import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface ReplayOptions {
  readonly api?: string;
  readonly output?: StructuredFormat;
}

/** Adds `switchyard replay`. */
export function addReplay(program: Command, { terminal, act }: Context): void {
  program
    .command('replay')
    .description('reach the verdict of an analysis again, from what was measured')
    .argument('<verdict>', 'its name, or the number of its entry in the journal')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Results are made again from their sums, conditions from results, and the verdict from conditions and limits.
Exit status: 0 where all of it comes out the same, bit for bit; 1 where something does not.

Examples:
  switchyard replay 812
  switchyard replay 9f86d081884c7d65 -o json`,
    )
    .action(
      act(async (verdict: string, options: ReplayOptions) => {
        const { runReplay } = await import('../rollout/run-replay.ts');
        return runReplay(verdict, options, terminal);
      }),
    );
}
