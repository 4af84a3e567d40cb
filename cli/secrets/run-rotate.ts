import { rotateFile } from '../../libraries/sops/index.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { findSecretFile, openSecretFile, tellingWhere, writeSecretFile } from './secret-file.ts';

/** Gives files a new data key. All are opened before the first is written. */
export async function runRotate(named: readonly string[], terminal: Terminal): Promise<number> {
  const ready = [];
  for (const one of named) {
    const file = await findSecretFile(one, terminal);
    const opened = await openSecretFile(file, terminal);
    ready.push({ file, text: await tellingWhere(file.shown, () => rotateFile(opened, Date.now())) });
  }
  for (const { file, text } of ready) {
    await writeSecretFile(file, text);
    terminal.err(`${file.shown}: a new data key encrypts it\n`);
  }
  terminal.err(
    'Who had the old key still reads what history holds: renew the values themselves where that matters.\n',
  );
  return exitCodes.success;
}
