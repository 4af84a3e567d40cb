import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gitEnvironment, runGit } from '../../libraries/git/git-command.ts';
import { nothingKnown, usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { findRegistry } from '../registry-folder.ts';
import type { Terminal } from '../terminal.ts';

const attribute = 'secrets/** merge=switchyard-secrets';

/** Tells Git of this clone to merge encrypted files by us. The attribute is committed; the driver each clone sets for itself. */
export async function installMergeDriver(terminal: Terminal): Promise<number> {
  const root = await findRegistry(terminal.folder);
  if (root === undefined) throw nothingKnown('a registry around', terminal.folder);
  const settings = [
    ['merge.switchyard-secrets.name', 'encrypted values, one by one'],
    ['merge.switchyard-secrets.driver', 'switchyard secrets merge %O %A %B %P'],
  ] as const;
  for (const [key, value] of settings) {
    const options = { cwd: root, environment: gitEnvironment(terminal.environment) };
    const { status, stderr } = await runGit(['config', '--local', key, value], options);
    if (status !== 0)
      throw usageError(
        `git config failed: ${stderr.trim()}`,
        'See that this is a clone that you may change.',
      );
  }
  const file = join(root, '.gitattributes');
  const before = await readFile(file, 'utf8').catch(() => '');
  if (!before.split('\n').includes(attribute)) {
    await appendFile(file, `${before === '' || before.endsWith('\n') ? '' : '\n'}${attribute}\n`);
    terminal.err(`.gitattributes: ${attribute}  (commit it)\n`);
  }
  terminal.err('This clone merges encrypted files value by value now.\n');
  return exitCodes.success;
}
