import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface SloOptions {
  readonly api?: string;
  readonly output?: StructuredFormat;
}

/** Adds `switchyard slo`. */
export function addSlo(program: Command, { terminal, act }: Context): void {
  program
    .command('slo')
    .description('show what deployments promise, and how fast they burn their error budgets')
    .argument('[deployment]', 'only this one, with what burns: name, or environment/name')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
A burn rate of 1 spends the budget exactly within its window. See docs/slo.md.

Examples:
  switchyard slo
  switchyard slo production/bird-strike
  switchyard slo -o json | jq '.items[] | select(.burning != null) | .deployment'`,
    )
    .action(
      act(async (deployment: string | undefined, options: SloOptions) => {
        const { runSlo } = await import('../slo/run-slo.ts');
        return runSlo(deployment, options, terminal);
      }),
    );
}
