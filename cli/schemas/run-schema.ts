import { join, relative, resolve } from 'node:path';
import { kindMeant } from '../client/resources.ts';
import type { SchemaOptions } from '../commands/schema.ts';
import { exitCodes } from '../exit-codes.ts';
import { structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import type { Terminal } from '../terminal.ts';
import { writeSchemas } from '../write-schemas.ts';

/** Shows what manifests may say, or writes the schemas for editors. */
export async function runSchema(
  word: string | undefined,
  options: SchemaOptions,
  terminal: Terminal,
): Promise<number> {
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
}
