import type { MonitorRunOptions } from '../commands/monitors.ts';
import { exitCodes } from '../exit-codes.ts';
import { monitorPage } from '../output/monitors.ts';
import { structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { connectMonitoring } from './monitoring.ts';

/** Lets a monitor check now, and shows what it found. */
export async function runMonitorRun(
  name: string,
  options: MonitorRunOptions,
  terminal: Terminal,
): Promise<number> {
  const monitoring = await connectMonitoring(options, terminal);
  const before = await monitoring.one(name);
  const monitor = await monitoring.run(name);
  if (options.output !== undefined) terminal.out(structured(monitor, options.output));
  else terminal.out(monitorPage(monitor, terminal, Date.now()));
  if (monitor.lastRun === before.lastRun) {
    terminal.err(`The check goes on: switchyard monitor show ${name}\n`);
  }
  const isBad = monitor.status === 'breached' || monitor.status === 'error';
  return options.failOnBreach === true && isBad ? exitCodes.problems : exitCodes.success;
}
