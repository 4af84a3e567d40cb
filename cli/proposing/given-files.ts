import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { parse } from 'yaml';
import { fileUnreadable } from '../errors.ts';
import type { Terminal } from '../terminal.ts';

/** The bytes of a file that was named on the command line. Throws `FileUnreadable`. */
export async function readGiven(file: string, { folder }: Pick<Terminal, 'folder'>): Promise<Uint8Array> {
  const path = resolve(folder, file);
  return readFile(path).catch((error: unknown) => {
    throw fileUnreadable(path, error);
  });
}

/** What a YAML or JSON file holds that was named on the command line. Throws `FileUnreadable`. */
export async function readGivenYaml(
  file: string,
  terminal: Pick<Terminal, 'folder'>,
): Promise<Record<string, unknown>> {
  const text = Buffer.from(await readGiven(file, terminal)).toString('utf8');
  try {
    return parse(text, { schema: 'core', maxAliasCount: 0 }) as Record<string, unknown>;
  } catch (error) {
    throw fileUnreadable(resolve(terminal.folder, file), error);
  }
}
