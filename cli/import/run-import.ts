import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileUnreadable, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { importForPeople } from '../output/import-report.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import { builtInKinds } from '../registry-kinds.ts';
import type { Terminal } from '../terminal.ts';
import { nothingToImport, sourceTooLarge } from './errors.ts';
import { type ImportedKind, importDocuments } from './import-documents.ts';
import { judgeMade } from './judge-made.ts';
import type { Deployed } from './place.ts';
import { type Source, sourcesIn } from './source.ts';
import { writeManifests, yamlOf } from './write-manifests.ts';

export interface ImportOptions {
  readonly environment?: string;
  readonly model?: string;
  readonly version?: string;
  readonly out?: string;
  readonly force?: boolean;
  readonly output?: StructuredFormat;
}

/** Far more than manifests have. */
const largestFile = 4 * 1024 * 1024;

/** Imports the files that a person named, prints what became of them, and answers the status to exit with. */
export async function runImport(
  kind: ImportedKind,
  files: readonly string[],
  options: ImportOptions,
  terminal: Terminal,
): Promise<number> {
  const deployed = deployedBy(options);
  const sources: Source[] = [];
  for (const file of files) sources.push(...sourcesIn(file, await read(file, terminal)));
  const imported = importDocuments(kind, sources, deployed, judgeMade(await builtInKinds()));
  const { documents, manifests } = imported;
  if (documents.every(({ result }) => result === 'ignored')) throw nothingToImport(kind, files);
  const unplaced = manifests.find(({ path }) => path === undefined);
  if (options.out !== undefined) {
    if (unplaced !== undefined) {
      throw usageError(
        `nothing says where ${unplaced.made.name} is deployed`,
        'Add --environment NAME and --version VERSION, or leave out --out to have its strategy printed.',
      );
    }
    await writeManifests(resolve(terminal.folder, options.out), manifests, options.force === true);
  }
  if (options.output !== undefined) {
    const written = manifests.map(({ path, document, made }) => ({
      path: path ?? null,
      kind: made.kind,
      name: made.name,
      manifest: path === undefined ? { spec: made.spec } : document,
    }));
    terminal.out(structured({ documents, manifests: written }, options.output));
  } else if (options.out === undefined) {
    // The report must not stand among manifests.
    terminal.err(importForPeople(documents, terminal.errColours));
    terminal.out(manifests.map(yamlOf).join('---\n'));
  } else {
    terminal.out(importForPeople(documents, terminal.colours));
  }
  return documents.some(({ result }) => result === 'refused') ? exitCodes.problems : exitCodes.success;
}

function deployedBy({ environment, version, model }: ImportOptions): Deployed | undefined {
  if (environment === undefined && version === undefined && model === undefined) return undefined;
  if (environment === undefined || version === undefined) {
    throw usageError(
      'a Deployment needs an environment and a version',
      'Give both --environment and --version, or neither.',
    );
  }
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(environment)) {
    throw usageError(
      `'${environment}' cannot be the name of an environment`,
      'Write lower-case letters, digits and hyphens, as in production.',
    );
  }
  return { environment, version, model };
}

async function read(file: string, terminal: Terminal): Promise<string> {
  if (file === '-') return terminal.readInput();
  const path = resolve(terminal.folder, file);
  try {
    const { size } = await stat(path);
    if (size > largestFile) throw sourceTooLarge(file, largestFile);
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'hint' in error) throw error;
    throw fileUnreadable(file, error);
  }
}
