import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';

export interface GetOptions {
  api?: string;
  environment?: string;
  label: string[];
  watch?: boolean;
  output?: StructuredFormat | 'wide' | 'name';
}

/** Adds `switchyard get KIND [NAME]`. */
export function addGet(program: Command, { terminal, act }: Context): void {
  program
    .command('get')
    .description('list resources with their conditions')
    .usage('[options] <kind> [name]')
    .argument('[kind]', 'a kind (deployment, deployments, deploy), all, or Kind/scope/name')
    .argument('[name]', 'one resource: name, or scope/name')
    .option('-e, --environment <name>', 'only what lives in this environment')
    .option(
      '-l, --label <name=value>',
      'only what carries this label; repeat it to ask for several',
      collect,
      [],
    )
    .option('-w, --watch', 'stay, and print each resource again when its conditions change')
    .addOption(outputOption(['wide', 'name', 'json', 'yaml'], 'more columns, names only, or for programs'))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Examples:
  switchyard get all
  switchyard get deployments -e production
  switchyard get deployment bird-strike -e production -o yaml
  switchyard get modelversions -l line=eu --watch

Exit status: 0, or 4 when a named resource or kind is not there.`,
    )
    .action(
      act(async (kindWord: string | undefined, name: string | undefined, options: GetOptions) => {
        const { runGet } = await import('../platform/run-get.ts');
        return runGet(kindWord, name, options, terminal);
      }),
    );
}

function collect(value: string, before: string[]): string[] {
  return [...before, value];
}
