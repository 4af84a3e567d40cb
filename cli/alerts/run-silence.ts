import type { ShowOptions, SilenceOptions } from '../commands/alerts.ts';
import { exitCodes } from '../exit-codes.ts';
import { silenceTable } from '../output/alerts.ts';
import { localTime } from '../output/journal-line.ts';
import { structured } from '../output/structured.ts';
import { oneLine, type Terminal } from '../terminal.ts';
import { userName } from '../user-name.ts';
import { connectAlerting, type ShownSilence } from './alerting.ts';

/** Silences alerts for a while, with who and why. */
export async function addSilence(
  matchers: readonly string[],
  options: SilenceOptions,
  terminal: Terminal,
): Promise<number> {
  const alerting = await connectAlerting(options, terminal);
  const silence = await alerting.post<ShownSilence>('silences/add', {
    matchers,
    duration: options.for,
    by: await userName(terminal),
    reason: options.reason,
  });
  terminal.out(
    `Silence ${silence.id} holds until ${localTime(silence.until)}: ${oneLine(silence.matchers.join(', '))}\n`,
  );
  return exitCodes.success;
}

export async function listSilences(options: ShowOptions, terminal: Terminal): Promise<number> {
  const alerting = await connectAlerting(options, terminal);
  const { items } = await alerting.get<{ items: readonly ShownSilence[] }>('silences');
  const active = items.filter(({ isActive }) => isActive);
  if (options.output !== undefined) terminal.out(structured({ items: active }, options.output));
  else if (active.length === 0) terminal.err('Nothing is silenced.\n');
  else
    terminal.out(silenceTable(active, { now: Date.now(), width: terminal.width, colours: terminal.colours }));
  return exitCodes.success;
}

export async function endSilence(id: string, options: { api?: string }, terminal: Terminal): Promise<number> {
  const alerting = await connectAlerting(options, terminal);
  const by = await userName(terminal);
  const silence = await alerting.post<ShownSilence>(`silences/${encodeURIComponent(id)}/end`, { by });
  terminal.out(`Silence ${silence.id} is over: ${oneLine(silence.matchers.join(', '))}\n`);
  return exitCodes.success;
}
