import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface StatusOptions {
  api?: string;
  output?: StructuredFormat;
}

/** Adds `switchyard status`. */
export function addStatus(program: Command, { terminal, act }: Context): void {
  program
    .command('status')
    .description('show on one screen how the platform is')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard status
  switchyard status -o json | jq .resources

Exit status: 0 when all is as the registry declares; 1 when something is not ready,
degraded, held or invalid.`,
    )
    .action(
      act(async (options: StatusOptions) => {
        const { runStatus } = await import('../platform/run-status.ts');
        return runStatus(options, terminal);
      }),
    );
}
