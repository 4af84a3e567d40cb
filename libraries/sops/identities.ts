import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { SopsError } from './error.ts';

/**
 * The age identities of this machine, from where sops looks for them: `SOPS_AGE_KEY`, the file of `SOPS_AGE_KEY_FILE` (or
 * one that is named here), else `sops/age/keys.txt` of the user's configuration.
 */
export async function ageIdentities(
  environment: Readonly<Record<string, string | undefined>>,
  named?: string,
): Promise<readonly string[]> {
  const { SOPS_AGE_KEY: text = '', SOPS_AGE_KEY_FILE: variable } = environment;
  const file = named ?? (variable || undefined);
  const found = linesOf(text);
  if (file !== undefined) return [...found, ...linesOf(await read(file, true))];
  const configuration = environment.XDG_CONFIG_HOME || join(environment.HOME || homedir(), '.config');
  return [...found, ...linesOf(await read(join(configuration, 'sops', 'age', 'keys.txt'), false))];
}

async function read(file: string, isNamed: boolean): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as { readonly code?: string };
    if (!isNamed && (code === 'ENOENT' || code === 'ENOTDIR')) return '';
    throw new SopsError('noKey', `the file of age identities, ${file}, cannot be read (${code})`);
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
