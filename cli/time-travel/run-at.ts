import type { JournalEntry } from '../../core/plugin.ts';
import type { Api } from '../client/api.ts';
import { invalidMoment } from '../errors.ts';
import { exitCodes } from '../exit-codes.ts';
import { servedForPeople } from '../output/history.ts';
import { type StructuredFormat, structured } from '../output/structured.ts';
import type { Terminal } from '../terminal.ts';
import { parseMoment } from './moment.ts';
import { type HistoryOptions, journalUntil, withWholeHistory } from './open-history.ts';
import { platformAsked } from './platform-asked.ts';
import { servedAt } from './served-at.ts';

export interface AtOptions extends HistoryOptions {
  readonly env?: string;
  readonly model?: string;
  readonly api?: string;
  readonly offline?: boolean;
  readonly output?: StructuredFormat;
}

/** Prints what was serving at a moment. */
export function runAt(moment: string, options: AtOptions, terminal: Terminal): Promise<number> {
  const time = parseMoment(moment, Date.now());
  if (time === undefined) throw invalidMoment(moment);
  return withWholeHistory(options, terminal, async (repository, head, root) => {
    const { env: environment, model, output } = options;
    const api = await platformAsked(options, root, repository, terminal);
    const journal = await readJournalUntil(time, api, options);
    const served = await servedAt(repository, head, {
      time,
      journal,
      ...(environment === undefined ? {} : { environment }),
      ...(model === undefined ? {} : { model }),
    });
    terminal.out(output ? structured(served, output) : servedForPeople(served, terminal));
    return served.deployments.length > 0 ? exitCodes.success : exitCodes.notFound;
  });
}

/** What a platform knows of the time before a moment; nothing where there is none. */
export async function readJournalUntil(
  time: number,
  api: Api | undefined,
  options: { readonly api?: string },
): Promise<readonly JournalEntry[]> {
  if (api === undefined) return [];
  const until = new Date(time * 1000 + 999).toISOString();
  const types = ['snapshot.applied', 'deployment.switched'];
  return (await journalUntil(types, until, api, options.api !== undefined)) ?? [];
}
