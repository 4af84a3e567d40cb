import type { AckOptions } from '../commands/alerts.ts';
import { exitCodes } from '../exit-codes.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { userName } from '../user-name.ts';
import { connectAlerting, type ShownAlert } from './alerting.ts';

/** Takes alerts, with who and why. */
export async function runAck(
  ids: readonly string[],
  options: AckOptions,
  terminal: Terminal,
): Promise<number> {
  const alerting = await connectAlerting(options, terminal);
  const body = { by: await userName(terminal), reason: options.reason };
  for (const id of ids) {
    const alert = await alerting.post<ShownAlert>(`alerts/${encodeURIComponent(id)}/acknowledge`, body);
    terminal.out(`${alert.id.slice(0, 8)} is yours: ${oneLine(alert.summary)}\n`);
  }
  return exitCodes.success;
}
