import type { JournalEntry } from '../../core/plugin.ts';
import { connect } from '../client/api.ts';
import { readJournal } from '../client/journal.ts';
import { kindMeant, readKinds, resourceMeant, targetOf } from '../client/resources.ts';
import type { DescribeOptions } from '../commands/describe.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { describeResource } from '../output/describe-resource.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';

/** Shows everything about one resource. */
export async function runDescribe(
  kindWord: string,
  name: string | undefined,
  options: DescribeOptions,
  terminal: Terminal,
): Promise<number> {
  const target = targetOf(kindWord, name);
  if (target.name === undefined) {
    throw usageError('describe needs a name', `List them with: switchyard get ${kindWord}.`);
  }
  const api = await connect(options, terminal);
  const kind = kindMeant(target.kind, await readKinds(api));
  const shown = await resourceMeant(api, kind, target, options.environment);
  const journal: readonly JournalEntry[] = await readJournal(api, { ref: shown.ref, limit: 10 });
  terminal.out(
    options.output
      ? structured({ ...shown, journal }, options.output)
      : describeResource(shown, journal, terminal.colours, Date.now()),
  );
  return exitCodes.success;
}
