import { connect, connected } from '../client/api.ts';
import { readJournal } from '../client/journal.ts';
import type { EventsOptions } from '../commands/events.ts';
import { usageError } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { eventLine } from '../output/event-line.ts';
import { gapNote } from '../output/gap-note.ts';
import { structuredLine } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { type EventName, eventNames } from './event-names.ts';

/** Shows what happens, as it happens. */
export async function runEvents(options: EventsOptions, terminal: Terminal): Promise<number> {
  const api = await connect(options, terminal);
  const print = (name: EventName, data: unknown) => {
    if (options.type !== undefined && options.type !== name) return;
    if (options.ref !== undefined && refOf(data) !== options.ref) return;
    terminal.out(
      options.output
        ? structuredLine({ event: name, data }, options.output)
        : eventLine(name, data as never, terminal.colours),
    );
  };
  if (!options.follow && options.type !== undefined && options.type !== 'journal.appended') {
    throw usageError(`events of the type ${options.type} are not recorded`, 'Add --follow to see new ones.');
  }
  if (!options.follow) {
    const recent = await readJournal(api, { ref: options.ref, limit: 20 });
    for (const entry of [...recent].reverse()) print('journal.appended', { entry });
    return exitCodes.success;
  }
  for await (const event of api.follow('/events', (state) => gapNote(state, terminal))) {
    const name = eventNames.find((known) => known === event.event);
    if (event.event !== connected && name) print(name, JSON.parse(event.data));
  }
  return exitCodes.interrupted;
}

function refOf(data: unknown): unknown {
  const { ref, entry } = data as { ref?: unknown; entry?: { ref?: unknown } };
  return ref ?? entry?.ref;
}
