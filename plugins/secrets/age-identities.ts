import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { secretRefused } from '../../core/capabilities/secret-store-errors.ts';

/**
 * The age identities of this machine, from where sops looks for them: `SOPS_AGE_KEY`, the file of `SOPS_AGE_KEY_FILE` (or
 * the one that the operator names), else `sops/age/keys.txt` of the user's configuration.
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
    const hint =
      'Correct SOPS_AGE_KEY_FILE or plugins.secrets.sops.ageKeyFile, or let the platform read the file.';
    throw secretRefused(file, `the file of age identities cannot be read (${code})`, hint);
  }
}

function linesOf(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
}
