import { exitCodes } from '../exit-codes.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { userName } from '../user-name.ts';
import { connectAlerting } from './alerting.ts';

/** Tells a receiver that this is a test; what its notifier says is the command's own error. */
export async function runAlertTest(
  name: string,
  options: { api?: string },
  terminal: Terminal,
): Promise<number> {
  const alerting = await connectAlerting({ ...options, timeout: 60_000 }, terminal);
  const { receiver, notifier } = await alerting.post<{ receiver: string; notifier: string }>(
    `receivers/${name.split('/').map(encodeURIComponent).join('/')}/test`,
    { by: await userName(terminal) },
  );
  terminal.out(`${oneLine(receiver)} was told by ${oneLine(notifier)}: look whether it arrived.\n`);
  return exitCodes.success;
}
