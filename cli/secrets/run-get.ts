import { secretMissing } from '../../core/capabilities/secret-store-errors.ts';
import type { GetOptions } from '../commands/secrets.ts';
import { exitCodes } from '../exit-codes.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { findSecretFile, keyOfPath, openSecretFile } from './secret-file.ts';

/** Prints one value, or without a key which keys there are. */
export async function runGet(
  named: string,
  key: string | undefined,
  options: GetOptions,
  terminal: Terminal,
): Promise<number> {
  const file = await findSecretFile(named, terminal);
  const { values } = await openSecretFile(file, terminal);
  const known = values.flatMap(({ path, value, isEncrypted }) => {
    const name = keyOfPath(path, file);
    return name === undefined || !isEncrypted ? [] : [{ key: name, text: value.text }];
  });
  if (key === undefined) {
    const keys = known.map((one) => one.key);
    terminal.out(
      options.output ? structured({ keys }, options.output) : keys.map((one) => `${one}\n`).join(''),
    );
    return exitCodes.success;
  }
  const found = known.find((one) => one.key === key);
  if (found === undefined) {
    const keys = known.map((one) => one.key).join(', ');
    throw secretMissing(
      file.shown,
      `it has no key "${key}"`,
      keys === '' ? 'It has none.' : `There are: ${keys}.`,
    );
  }
  // A line break at the end is for people; a program gets the value alone.
  if (options.output) terminal.out(structured({ key, value: found.text }, options.output));
  else terminal.out(terminal.interactive ? `${found.text}\n` : found.text);
  return exitCodes.success;
}
