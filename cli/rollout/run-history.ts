import { connect } from '../client/api.ts';
import { readJournal } from '../client/journal.ts';
import { sayOtherRegistry } from '../client/other-registry.ts';
import type { RolloutHistoryOptions } from '../commands/rollout.ts';
import { exitCodes } from '../exit-codes.ts';
import { journalLine } from '../output/journal-line.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { deploymentMeant } from './deployment-meant.ts';

const others = new Set(['deployment.switched', 'analysis.ended']);

/** Tells the rollouts of a deployment from the journal, oldest first. */
export async function runRolloutHistory(
  name: string,
  options: RolloutHistoryOptions,
  terminal: Terminal,
): Promise<number> {
  const api = await connect(options, terminal);
  const { ref } = await deploymentMeant(api, name, options);
  await sayOtherRegistry(api, terminal);
  const all = await readJournal(api, { ref, limit: 1000 });
  const items = all
    .filter(({ type }) => type.startsWith('rollout.') || others.has(type))
    .slice(0, options.limit)
    .reverse();
  if (options.output !== undefined) {
    terminal.out(structured({ items }, options.output));
    return exitCodes.success;
  }
  // All of them are about the one that was asked for.
  for (const entry of items) terminal.out(journalLine({ ...entry, ref: null }, terminal.colours));
  if (items.length === 0) terminal.err(`Nothing has happened to ${ref} yet.\n`);
  return exitCodes.success;
}
