import { codeOf } from '../../core/errors.ts';
import type { JournalEntry } from '../../core/plugin.ts';
import { didYouMean } from '../../libraries/did-you-mean/index.ts';
import { type Api, connect, connected } from '../client/api.ts';
import { commitMeant } from '../client/commits.ts';
import { readJournal } from '../client/journal.ts';
import type { JournalOptions } from '../commands/journal.ts';
import { exitCodes } from '../exit-codes.ts';
import { gapNote } from '../output/gap-note.ts';
import { journalLine } from '../output/journal-line.ts';
import { structured, structuredLine } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { oneLine } from '../terminal.ts';

/** Shows what the platform did. */
export async function runJournal(options: JournalOptions, terminal: Terminal): Promise<number> {
  const api = await connect(options, terminal);
  const { ref, type, limit } = options;
  const commit = options.commit === undefined ? undefined : await commitMeant(api, options.commit);
  const entries = [...(await readJournal(api, { ref, type, commit, limit }))].reverse();
  const print = (entry: JournalEntry) =>
    terminal.out(
      options.output ? structuredLine(entry, options.output) : journalLine(entry, terminal.colours),
    );
  if (options.output && !options.follow) terminal.out(structured({ items: entries }, options.output));
  else for (const entry of entries) print(entry);
  if (entries.length === 0 && !options.follow && !options.output) {
    terminal.err(`Nothing matches.${await aboutTypes(api, type)}\n`);
  }
  if (!options.follow) return exitCodes.success;

  let last = entries.at(-1)?.sequence ?? 0;
  const printNew = (entry: JournalEntry) => {
    if (entry.sequence <= last) return;
    last = entry.sequence;
    print(entry);
  };
  for await (const event of api.follow('/events', (state) => gapNote(state, terminal))) {
    if (event.event === connected) {
      const missed = await readJournal(api, { ref, type, commit, after: last, limit: 1000 }).catch(
        unlessGone,
      );
      for (const entry of [...missed].reverse()) printNew(entry);
    } else if (event.event === 'journal.appended') {
      const { entry } = JSON.parse(event.data) as { entry: JournalEntry };
      const isWanted =
        (ref === undefined || entry.ref === ref) &&
        (type === undefined || entry.type === type) &&
        (commit === undefined || entry.commit === commit);
      if (isWanted) printNew(entry);
    }
  }
  return exitCodes.interrupted;
}

/** What types there are, where the one that was asked for is none of them. */
async function aboutTypes(api: Api, type: string | undefined): Promise<string> {
  if (type === undefined) return '';
  const types = new Set((await readJournal(api, { limit: 1000 })).map((entry) => entry.type));
  if (types.has(type)) return '';
  return ` No recent entry is of type ${oneLine(type)}. ${didYouMean(type, [...types].sort()) ?? 'The journal is empty.'}`;
}

/** The platform went away again before it could be asked: the stream breaks too, and the next one begins with this. */
function unlessGone(error: unknown): readonly JournalEntry[] {
  if (codeOf(error) === 'ServerUnreachable') return [];
  throw error;
}
