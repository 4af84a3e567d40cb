import { type RecipientGroups, recipientsOf, rewrapFile } from '../../libraries/sops/index.ts';
import type { UpdateKeysOptions } from '../commands/secrets.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { creationOf } from './creation-rules.ts';
import { findSecretFile, openSecretFile, tellingWhere, writeSecretFile } from './secret-file.ts';

/** Makes files readable for others: as `.sops.yaml` says, or with some added and removed. Values stay as they are. */
export async function runUpdateKeys(
  named: readonly string[],
  options: UpdateKeysOptions,
  terminal: Terminal,
): Promise<number> {
  const ready = [];
  let isAnyRemoved = false;
  for (const one of named) {
    const file = await findSecretFile(one, terminal);
    const opened = await openSecretFile(file, terminal);
    const before = await tellingWhere(file.shown, () => recipientsOf(opened.metadata));
    const isEdited = options.add !== undefined || options.remove !== undefined;
    const { groups, threshold } = isEdited
      ? { groups: edited(before, options, file.shown), threshold: opened.metadata.threshold }
      : await creationOf(file);
    if (JSON.stringify(groups) === JSON.stringify(before)) {
      terminal.err(`${file.shown}: is for those already\n`);
      continue;
    }
    const several = groups.length > 1 && threshold !== undefined ? threshold : undefined;
    const text = await tellingWhere(file.shown, () => rewrapFile(opened, groups, several));
    ready.push({ file, text, before: before.flat(), after: groups.flat() });
  }
  for (const { file, text, before, after } of ready) {
    await writeSecretFile(file, text);
    const added = after.filter((one) => !before.includes(one));
    const removed = before.filter((one) => !after.includes(one));
    isAnyRemoved ||= removed.length > 0;
    terminal.err(
      `${file.shown}: ${[...added.map((one) => `+ ${one}`), ...removed.map((one) => `- ${one}`)].join(', ')}\n`,
    );
  }
  if (isAnyRemoved) {
    terminal.err(
      'Who was removed knows the data key and the values: `switchyard secrets rotate`, and renew the values.\n',
    );
  }
  return exitCodes.success;
}

function edited(
  before: RecipientGroups,
  { add = [], remove = [] }: UpdateKeysOptions,
  shown: string,
): RecipientGroups {
  const absent = remove.find((one) => !before.flat().includes(one));
  if (absent !== undefined)
    throw usageError(`${shown} is not encrypted for ${absent}`, `It is for: ${before.flat().join(', ')}.`);
  if (before.length > 1 && add.length > 0) {
    throw usageError(
      `${shown} has ${before.length} key groups`,
      'Say in .sops.yaml which group is meant, and run it without --add.',
    );
  }
  const kept = before.map((group) => group.filter((one) => !remove.includes(one)));
  return kept.map((group) => [...group, ...add.filter((one) => !group.includes(one))]);
}
