import type { ShowOptions } from '../commands/alerts.ts';
import { exitCodes } from '../exit-codes.ts';
import { localTime } from '../output/journal-line.ts';
import { structured } from '../output/structured.ts';
import { table } from '../output/table.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { connectAlerting } from './alerting.ts';

interface Receivers {
  readonly items: readonly {
    readonly route: string;
    readonly name: string;
    readonly notifier: string | null;
    readonly waiting: number;
    readonly error: { readonly message: string } | null;
    readonly nextAt: string | null;
  }[];
  readonly onCall: readonly {
    readonly route: string;
    readonly rotation: string;
    readonly receiver: string;
  }[];
}

/** Shows who is told, what waits for them, and whose turn it is. */
export async function runReceivers(options: ShowOptions, terminal: Terminal): Promise<number> {
  const alerting = await connectAlerting(options, terminal);
  const receivers = await alerting.get<Receivers>('receivers');
  if (options.output !== undefined) {
    terminal.out(structured(receivers, options.output));
    return exitCodes.success;
  }
  const { items, onCall } = receivers;
  const { dim, red } = terminal.colours;
  if (items.length === 0) {
    terminal.err('Nobody is told of anything: add an AlertRoute, see docs/alerts.md.\n');
    return exitCodes.success;
  }
  const nameOf = (route: string, name: string) => oneLine(`${route.slice(route.indexOf('/') + 1)}/${name}`);
  const rows = items.map(({ route, name, notifier, waiting, error, nextAt }) => [
    nameOf(route, name),
    notifier ?? dim('tells nobody'),
    String(waiting),
    error === null
      ? ''
      : red(`${oneLine(error.message)}${nextAt === null ? '' : `; again at ${localTime(nextAt)}`}`),
  ]);
  terminal.out(table(['RECEIVER', 'BY', 'WAITING', 'TROUBLE'], rows, { width: terminal.width, header: dim }));
  if (onCall.length > 0) {
    const turns = onCall.map(({ route, rotation, receiver }) => [nameOf(route, rotation), oneLine(receiver)]);
    terminal.out(`\n${table(['ON CALL', 'NOW'], turns, { width: terminal.width, header: dim })}`);
  }
  return exitCodes.success;
}
