import { type Command, InvalidArgumentError } from 'commander';
import { codeOf } from '../../core/errors.ts';
import { suggestion } from '../../core/manifest/suggest.ts';
import type { JournalEntry } from '../../core/plugin.ts';
import { type Api, connect, connected } from '../client/api.ts';
import { commitMeant } from '../client/commits.ts';
import { readJournal } from '../client/journal.ts';
import type { Context } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { gapNote } from '../output/gap-note.ts';
import { journalLine } from '../output/journal-line.ts';
import { type StructuredFormat, structured, structuredLine } from '../output/structured.ts';
import { apiOption, outputOption } from '../output-option.ts';
import { oneLine } from '../terminal.ts';

interface JournalOptions {
  api?: string;
  ref?: string;
  type?: string;
  commit?: string;
  limit: number;
  follow?: boolean;
  output?: StructuredFormat;
}

/** Adds `switchyard journal`. */
export function addJournal(program: Command, { terminal, act }: Context): void {
  program
    .command('journal')
    .description('show what the platform did, for which commit and with which evidence')
    .option('--ref <ref>', 'only about this resource: Deployment/production/bird-strike')
    .option('--type <type>', 'only entries of this type: snapshot.applied')
    .option('--commit <commit>', 'only for this commit: its id, or at least 4 digits of it')
    .option('--limit <count>', 'how many, newest first', count, 50)
    .option('-f, --follow', 'stay, and print each new entry')
    .addOption(outputOption(['json', 'yaml']))
    .addOption(apiOption())
    .addHelpText(
      'after',
      `
Entries are printed oldest first, so that the newest is at the bottom.

Examples:
  switchyard journal
  switchyard journal --ref Deployment/production/bird-strike --limit 5
  switchyard journal --follow -o json | jq .message`,
    )
    .action(
      act(async (options: JournalOptions) => {
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
      }),
    );
}

/** What types there are, where the one that was asked for is none of them. */
async function aboutTypes(api: Api, type: string | undefined): Promise<string> {
  if (type === undefined) return '';
  const types = new Set((await readJournal(api, { limit: 1000 })).map((entry) => entry.type));
  if (types.has(type)) return '';
  return ` No recent entry is of type ${oneLine(type)}. ${suggestion(type, types) ?? 'The journal is empty.'}`;
}

/** The platform went away again before it could be asked: the stream breaks too, and the next one begins with this. */
function unlessGone(error: unknown): readonly JournalEntry[] {
  if (codeOf(error) === 'ServerUnreachable') return [];
  throw error;
}

function count(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 1000) {
    throw new InvalidArgumentError('It must be a whole number from 1 to 1000.');
  }
  return value;
}
