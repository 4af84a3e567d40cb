import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface DescribeOptions {
  api?: string;
  environment?: string;
  output?: StructuredFormat;
}

/** Adds `switchyard describe KIND NAME`. */
export function addDescribe(program: Command, { terminal, act }: Context): void {
  program
    .command('describe')
    .description('show everything about one resource: spec, conditions, origin, recent journal')
    .argument('<kind>', 'a kind, or Kind/scope/name')
    .argument('[name]', 'name, or scope/name')
    .option('-e, --environment <name>', 'the environment that it lives in')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard describe deployment bird-strike -e production
  switchyard describe Deployment/production/bird-strike
  switchyard describe modelversion bird-strike/1.1.0 -o yaml`,
    )
    .action(
      act(async (kindWord: string, name: string | undefined, options: DescribeOptions) => {
        const { runDescribe } = await import('../platform/run-describe.ts');
        return runDescribe(kindWord, name, options, terminal);
      }),
    );
}
