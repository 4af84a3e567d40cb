import { type OpenedFile, resealFile, sealFile, setText } from '../../libraries/sops/index.ts';
import type { SetOptions } from '../commands/secrets.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { creationOf } from './creation-rules.ts';
import {
  findSecretFile,
  isSealed,
  openSecretFile,
  pathOfKey,
  type SecretFile,
  tellingWhere,
  writeSecretFile,
} from './secret-file.ts';

/** Sets one value, which comes from standard input: on the command line others would see it, and the shell remembers. */
export async function runSet(
  named: string,
  key: string,
  options: SetOptions,
  terminal: Terminal,
): Promise<number> {
  const found = await findSecretFile(named, terminal);
  if (found.text !== undefined && !isSealed(found)) {
    throw usageError(`${found.shown} is not encrypted`, `Encrypt it first: switchyard secrets edit ${named}`);
  }
  const given = await terminal.readInput();
  const value = options.exact ? given : given.replace(/\r?\n$/, '');
  if (value === '')
    throw usageError(
      'there is no value',
      'Pipe it in: `pass show slack | switchyard secrets set slack token`.',
    );
  const file: SecretFile =
    found.text === undefined ? { ...found, isManifest: found.format === 'yaml' } : found;
  const opened = found.text === undefined ? undefined : await openSecretFile(file, terminal);
  const text = await tellingWhere(file.shown, () => withValue(file, opened, key, value, options));
  if (text === file.text) {
    terminal.err(`${file.shown}: ${key} has that value already\n`);
    return exitCodes.success;
  }
  await writeSecretFile(file, text);
  terminal.err(`${file.shown}: ${key} set\n`);
  return exitCodes.success;
}

async function withValue(
  file: SecretFile,
  opened: OpenedFile | undefined,
  key: string,
  value: string,
  { recipient }: SetOptions,
): Promise<string> {
  const plaintext = opened?.plaintext ?? newPlaintext(file);
  const changed = setText(plaintext, file.format, pathOfKey(key, file, opened), value);
  const now = Date.now();
  if (opened !== undefined) return resealFile(opened, changed, now);
  return sealFile(changed, { ...(await creationOf(file, recipient)), format: file.format, now });
}

/** What a Secret begins with. */
export function newPlaintext({ shown, format, isManifest }: SecretFile): string {
  if (!isManifest) return format === 'json' ? '{}' : '';
  const name = /([^/]+)\.ya?ml$/.exec(shown)?.[1] ?? 'secret';
  return `apiVersion: switchyard/v1\nkind: Secret\nmetadata:\n  name: ${name}\nspec:\n  store:\n    sops:\n      values: {}\n`;
}
