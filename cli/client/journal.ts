import type { JournalEntry } from '../../core/plugin.ts';
import type { Api } from './api.ts';

export interface JournalFilter {
  readonly ref?: string;
  readonly type?: string;
  readonly commit?: string;
  /** Only entries with a sequence above this. */
  readonly after?: number;
  /** Only entries with a sequence below this. */
  readonly before?: number;
  readonly limit: number;
}

/** Entries that match, newest first. */
export async function readJournal(api: Api, filter: JournalFilter): Promise<readonly JournalEntry[]> {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(filter)) if (value !== undefined) query.set(name, String(value));
  return (await api.get<{ items: readonly JournalEntry[] }>(`/journal?${query}`)).items;
}
