import { connect } from '../client/api.ts';
import { commitMeant } from '../client/commits.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { userName } from '../user-name.ts';

/** Lets a held commit through. */
export async function runAcknowledge(
  named: string,
  options: { api?: string },
  terminal: Terminal,
): Promise<number> {
  const api = await connect(options, terminal);
  const commit = await commitMeant(api, named);
  await api.post(`/snapshots/${encodeURIComponent(commit)}/acknowledge`, {
    by: await userName(terminal),
  });
  terminal.out(`Commit ${commit.slice(0, 10)} is let through.\n`);
  return exitCodes.success;
}
