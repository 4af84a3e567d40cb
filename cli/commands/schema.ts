import { mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import type { Command } from 'commander';
import type { KindDefinition } from '../../core/plugin.ts';
import { configurationSchema } from '../../server/configuration-schema.ts';
import { kindMeant } from '../client/resources.ts';
import type { Context } from '../context.ts';
import { folderNotWritable } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import { outputOption } from '../output-option.ts';
import { builtInKinds } from '../registry-kinds.ts';

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

/** Writes each kind's schema, and that of the operator's configuration, and answers the names. Throws `FolderNotWritable`. */
export async function writeSchemas(
  folder: string,
  kinds: readonly KindDefinition[],
): Promise<readonly string[]> {
  const schemas = new Map(kinds.map((kind) => [`${kebabCase(kind.kind)}.schema.json`, kind.schema]));
  schemas.set('configuration.schema.json', configurationSchema);
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, schema] of schemas) {
      await writeFile(join(folder, name), `${JSON.stringify(schema, null, 2)}\n`);
    }
  } catch (error) {
    throw folderNotWritable(folder, error);
  }
  return [...schemas.keys()];
}

/** `ModelVersion` → `model-version`. */
function kebabCase(kind: string): string {
  return kind.replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
}
