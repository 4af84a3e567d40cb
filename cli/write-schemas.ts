import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KindDefinition } from '../core/plugin.ts';
import { configurationSchema } from '../server/configuration-schema.ts';
import { folderNotWritable } from './errors.ts';

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
