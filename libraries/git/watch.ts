import { type FSWatcher, watch } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf } from './git-error.ts';
import type { Logger } from './logger.ts';
import type { OpenedRepository } from './opened-repository.ts';

export interface WatchOptions {
  readonly repository: Pick<OpenedRepository, 'gitFolder' | 'commonFolder'>;
  /** In full. */
  readonly reference: string;
  /** Milliseconds between two polls. Default 1000. */
  readonly interval?: number;
  /** Says "look": the reference may have moved. It says nothing of where to; ask the repository. */
  readonly onLook: () => void;
  readonly log: Pick<Logger, 'warn'>;
}

export interface Watch {
  /** Says "look" soon, as if a file had changed. */
  look(): void;
  close(): Promise<void>;
}

/**
 * Says "look" when a file of the reference changes, and once each interval whatever happens: the file system's events are
 * fast and get lost, the poll is slow and does not (`docs/adr/0004`). Events that come together say it once.
 */
export async function watchReference(options: WatchOptions): Promise<Watch> {
  const { repository, reference, interval = 1000, onLook, log } = options;
  let pending: NodeJS.Immediate | undefined;
  const look = () => {
    pending ??= setImmediate(() => {
      pending = undefined;
      onLook();
    });
  };
  const { folders, isTelling } = await placesOf(repository, reference);
  // Watched are folders: a watch on a file goes deaf when Git replaces the file, which is how Git writes.
  const watchers: FSWatcher[] = [];
  const failed = (error: unknown) =>
    log.warn({ error: messageOf(error) }, 'watching failed; polling goes on');
  for (const folder of folders) {
    try {
      const watcher = watch(folder, (_, name) => {
        if (name === null || isTelling(join(folder, name))) look();
      });
      watchers.push(watcher.on('error', failed));
    } catch (error) {
      failed(error); // no watches left on this machine, or a file system that has none
    }
  }
  const timer = setInterval(look, interval);
  return {
    look,
    async close() {
      clearInterval(timer);
      for (const watcher of watchers) watcher.close();
      clearImmediate(pending);
    },
  };
}

interface Places {
  /** Those that are there. */
  readonly folders: string[];
  /** Whether a path is one of the folders, or a file by which a reference moves. */
  isTelling(path: string): boolean;
}

async function placesOf(repository: WatchOptions['repository'], reference: string): Promise<Places> {
  const { gitFolder, commonFolder } = repository;
  const branch = join(commonFolder, reference);
  const tables = join(commonFolder, 'reftable');
  const folders: string[] = [];
  for (const folder of new Set([gitFolder, commonFolder, dirname(branch), tables])) {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory()) folders.push(folder);
  }
  const files = [
    join(gitFolder, 'HEAD'),
    branch,
    join(commonFolder, 'packed-refs'),
    join(tables, 'tables.list'),
  ];
  const telling = new Set([...folders, ...files]);
  return { folders, isTelling: (path) => telling.has(path) };
}
