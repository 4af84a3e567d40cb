import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import { kindMeant } from '../client/resources.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import { outputOption } from '../output-option.ts';
import { writeSchemas } from '../write-schemas.ts';

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
      act(async (word: string | undefined, options: { write?: string | true; output?: StructuredFormat }) => {
        const { builtInKinds } = await import('../registry-kinds.ts');
        const kinds = await builtInKinds();
        if (options.write !== undefined) {
          const folder = resolve(
            terminal.folder,
            options.write === true ? join('.switchyard', 'schemas') : options.write,
          );
          const names = await writeSchemas(folder, kinds);
          terminal.out(`Wrote ${names.length} schemas into ${relative(terminal.folder, folder) || '.'}.\n`);
        } else if (word !== undefined) {
          terminal.out(structured(kindMeant(word, kinds).schema, options.output ?? 'json'));
        } else {
          const rows = kinds.map((kind) => [
            kind.kind,
            [kind.plural, ...(kind.shortNames ?? [])].join(', '),
            kind.path,
            kind.description,
          ]);
          const titles = ['KIND', 'NAMES', 'PATH', 'DESCRIPTION'];
          terminal.out(table(titles, rows, { width: terminal.width, header: terminal.colours.dim }));
        }
        return exitCodes.success;
      }),
    );
}
