import type { MonitorsOptions } from '../commands/monitors.ts';
import { exitCodes } from '../exit-codes.ts';
import { monitorPage } from '../output/monitors.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { connectMonitoring } from './monitoring.ts';

/** Shows all that is known of one monitor. */
export async function runMonitorShow(
  name: string,
  options: MonitorsOptions,
  terminal: Terminal,
): Promise<number> {
  const monitor = await (await connectMonitoring(options, terminal)).one(name);
  if (options.output !== undefined) terminal.out(structured(monitor, options.output));
  else terminal.out(monitorPage(monitor, terminal, Date.now()));
  return exitCodes.success;
}
