import type { AlertsOptions } from '../commands/alerts.ts';
import { exitCodes } from '../exit-codes.ts';
import { alertTable } from '../output/alerts.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { connectAlerting, type ShownAlert } from './alerting.ts';

/** Shows what fires. */
export async function runAlerts(options: AlertsOptions, terminal: Terminal): Promise<number> {
  const alerting = await connectAlerting(options, terminal);
  const { items } = await alerting.get<{ items: readonly ShownAlert[] }>('alerts');
  const shown = options.all === true ? items : items.filter(({ state }) => state === 'firing');
  if (options.output !== undefined) {
    terminal.out(structured({ items: shown }, options.output));
    return exitCodes.success;
  }
  if (shown.length === 0) {
    const pending = items.filter(({ state }) => state === 'pending').length;
    terminal.err(
      pending === 0 ? 'Nothing fires.\n' : `Nothing fires; ${pending} may soon: switchyard alerts --all\n`,
    );
    return exitCodes.success;
  }
  terminal.out(alertTable(shown, { now: Date.now(), width: terminal.width, colours: terminal.colours }));
  return exitCodes.success;
}
