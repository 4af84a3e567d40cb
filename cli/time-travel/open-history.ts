import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { JournalEntry } from '../../core/plugin.ts';
import { notARepository } from '../../libraries/git/errors.ts';
import { openRepository } from '../../libraries/git/open-repository.ts';
import type { OpenedRepository } from '../../libraries/git/opened-repository.ts';
import type { Api } from '../client/api.ts';
import { readJournal } from '../client/journal.ts';
import { historyCutShort, revisionNotFound } from '../errors.ts';
import { findRegistry } from '../registry-folder.ts';
import type { Terminal } from '../terminal.ts';

/** The options of every verb that looks back. */
export interface HistoryOptions {
  readonly repo: string;
  readonly reference?: string;
}

/** Opens a clone for what only its whole history can tell. Throws `HistoryCutShort` for a clone of limited depth. */
export function withWholeHistory<Result>(
  options: HistoryOptions,
  terminal: Terminal,
  work: (repository: OpenedRepository, head: string, root: string) => Promise<Result>,
): Promise<Result> {
  return withHistory(options, terminal, async (repository, head, root) => {
    // The oldest commit of such a clone looks as if it had made all that it holds: the wrong answer to "who allowed it?".
    const cut = await stat(join(repository.commonFolder, 'shallow')).catch(() => undefined);
    if (cut !== undefined && cut.size > 0) throw historyCutShort(root);
    return work(repository, head, root);
  });
}

/** Opens a clone, finds the newest commit of the base branch, and closes all again. */
export async function withHistory<Result>(
  options: HistoryOptions,
  terminal: Terminal,
  work: (repository: OpenedRepository, head: string, root: string) => Promise<Result>,
): Promise<Result> {
  const folder = resolve(terminal.folder, options.repo);
  const root = await findRegistry(folder);
  if (root === undefined) throw notARepository(folder, 'neither it nor a folder above it holds one');
  const repository = await openRepository(root, { environment: terminal.environment });
  try {
    const wanted = options.reference ?? terminal.environment.SWITCHYARD_REFERENCE;
    const names = wanted ? [wanted] : ['refs/heads/main', 'HEAD'];
    for (const name of names) {
      const head = await repository.resolve(name);
      if (head !== undefined) return await work(repository, head, root);
    }
    throw revisionNotFound(names[0] ?? 'HEAD', root);
  } finally {
    await repository.close();
  }
}

/** Entries a page. */
const pageSize = 500;

/**
 * What the platform wrote of some types until a moment, newest first. Undefined where it does not answer and `isNamed` is
 * false: then Git alone must do.
 */
export async function journalUntil(
  types: readonly string[],
  time: string,
  api: Api,
  isNamed: boolean,
): Promise<readonly JournalEntry[] | undefined> {
  try {
    const found: JournalEntry[] = [];
    for (const type of types) {
      let before: number | undefined;
      for (;;) {
        const page = await readJournal(api, { type, limit: pageSize, ...(before && { before }) });
        found.push(...page.filter((entry) => entry.time <= time));
        before = page.at(-1)?.sequence;
        if (page.length < pageSize) break;
      }
    }
    return found.sort((a, b) => b.sequence - a.sequence);
  } catch (error) {
    if (isNamed) throw error;
    return undefined;
  }
}
