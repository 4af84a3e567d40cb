import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { readFile } from '../../libraries/sops/read-file.ts';
import { findRegistry } from '../registry-folder.ts';
import { findSecretFile, keyOfPath } from '../secrets/secret-file.ts';
import type { Terminal } from '../terminal.ts';

/** The names of the Secrets of the registry around. */
export async function secretNames({ folder }: Pick<Terminal, 'folder'>): Promise<readonly string[]> {
  const root = await findRegistry(folder);
  if (root === undefined) return [];
  const names = await readdir(join(root, 'secrets'));
  return names.flatMap((name) => /^(.+)\.ya?ml$/.exec(name)?.[1] ?? []).sort();
}

/** The keys of an encrypted file, which are not encrypted. */
export async function keysOfSecret(
  named: string,
  terminal: Pick<Terminal, 'folder'>,
): Promise<readonly string[]> {
  const file = await findSecretFile(named, terminal);
  if (file.text === undefined) return [];
  return readFile(file.text, file.format).values.flatMap(({ path, isCiphertext }) =>
    isCiphertext ? (keyOfPath(path, file) ?? []) : [],
  );
}
