import type { Command } from 'commander';
import type { Context } from '../context.ts';
import type { StructuredFormat } from '../output/structured.ts';
import { outputOption } from '../output-option.ts';

export interface SchemaOptions {
  write?: string | true;
  output?: StructuredFormat;
}

/** Adds `switchyard schema [KIND]`. */
export function addSchema(program: Command, { terminal, act }: Context): void {
  program
    .command('schema')
    .description('show what a manifest of a kind may say, or write the schemas for editors')
    .argument('[kind]', 'a kind; without it, the kinds there are')
    .option('--write [folder]', 'write every schema into a folder (default: .switchyard/schemas)')
    .addOption(outputOption(['json', 'yaml'], 'the format of one schema (default: json)'))
    .addHelpText(
      'after',
      `
Editors with a YAML language server complete and check manifests by these files: the template's manifests name them in
their first line. Run \`switchyard schema --write\` in a fresh clone, and after an update of Switchyard.

Examples:
  switchyard schema
  switchyard schema deployment -o yaml
  switchyard schema --write`,
    )
    .action(
      act(async (word: string | undefined, options: SchemaOptions) => {
        const { runSchema } = await import('../schemas/run-schema.ts');
        return runSchema(word, options, terminal);
      }),
    );
}
