import { alertNotFound } from '../client/errors.ts';
import type { ShowOptions } from '../commands/alerts.ts';
import { exitCodes } from '../exit-codes.ts';
import { alertView } from '../output/alerts.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { connectAlerting, type ShownAlert } from './alerting.ts';

/** Shows all that is known of one alert. */
export async function runAlertShow(id: string, options: ShowOptions, terminal: Terminal): Promise<number> {
  const alerting = await connectAlerting(options, terminal);
  const { items } = await alerting.get<{ items: readonly ShownAlert[] }>('alerts');
  const found = items.filter((alert) => alert.id.startsWith(id));
  const [alert] = found;
  if (alert === undefined || found.length > 1)
    throw alertNotFound(
      id,
      found.map((one) => one.id),
    );
  if (options.output !== undefined) terminal.out(structured(alert, options.output));
  else terminal.out(alertView(alert, { now: Date.now(), width: terminal.width, colours: terminal.colours }));
  return exitCodes.success;
}
