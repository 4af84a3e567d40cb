import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { fileExists } from '../errors.ts';
import { compactYaml } from '../output/compact-yaml.ts';
import { writeWhole } from '../whole-file.ts';
import { importNotWritable } from './errors.ts';
import type { Manifest } from './place.ts';

/** A manifest as YAML; of a walk without a place only what is declared of it. */
export function yamlOf({ path, document, made }: Manifest): string {
  if (path === undefined) {
    return `# How ${made.name} walks: it belongs below \`spec\` of a Deployment.\n${compactYaml(made.spec)}`;
  }
  const schema = made.kind === 'Deployment' ? 'deployment' : 'analysis-template';
  const up = '../'.repeat(path.split('/').length - 1);
  const header = `# yaml-language-server: $schema=${up}.switchyard/schemas/${schema}.schema.json\n`;
  return `${header}${compactYaml(document)}`;
}

/**
 * Writes manifests below a folder. Nothing is written where one of the files is there already and says something else, unless
 * `force` is set.
 */
export async function writeManifests(
  folder: string,
  manifests: readonly Manifest[],
  force: boolean,
): Promise<void> {
  const files = manifests.flatMap((manifest) =>
    manifest.path === undefined ? [] : [{ file: join(folder, manifest.path), text: yamlOf(manifest) }],
  );
  for (const { file, text } of files) {
    const present = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return undefined;
      throw importNotWritable(file, error);
    });
    if (present !== undefined && present !== text && !force) throw fileExists(file);
  }
  for (const { file, text } of files) {
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeWhole(file, Readable.from([text]), true);
    } catch (error) {
      throw importNotWritable(file, error);
    }
  }
}
