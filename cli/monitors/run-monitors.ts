import type { MonitorsOptions } from '../commands/monitors.ts';
import { exitCodes } from '../exit-codes.ts';
import { monitorTable } from '../output/monitors.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { connectMonitoring } from './monitoring.ts';

/** Shows what monitors found. */
export async function runMonitors(options: MonitorsOptions, terminal: Terminal): Promise<number> {
  const items = await (await connectMonitoring(options, terminal)).all();
  if (options.output !== undefined) terminal.out(structured({ items }, options.output));
  else if (items.length === 0) terminal.err('Nothing is watched: docs/kinds/monitor.md shows a Monitor.\n');
  else terminal.out(monitorTable(items, terminal, Date.now()));
  return exitCodes.success;
}
