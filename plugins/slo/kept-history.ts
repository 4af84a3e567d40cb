/**
 * What was counted, on disk: the last hours in one file, written each minute; what is older in another, written when more has
 * grown old. A half hour that is in the second file is whole there, so that a kill between the two counts nothing twice.
 */
import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, messageOf } from '../../core/plugin.ts';
import { writeDurably } from '../../libraries/durable-file/index.ts';
import type { KeptBucket } from './buckets.ts';
import type { KeptProcess } from './intake.ts';
import type { KeptRecentPart } from './ledger.ts';

export interface KeptRecent {
  /** When it was written, in milliseconds since 1970. */
  readonly at: number;
  readonly deployments: Readonly<Record<string, KeptDeployment>>;
  readonly processes: readonly KeptProcess[];
}

export interface KeptDeployment {
  readonly ledger: KeptRecentPart;
  /** By objective and rule: since when it has held. */
  readonly burning: Readonly<Record<string, number>>;
}

export type KeptOlder = Readonly<Record<string, readonly KeptBucket[]>>;

export class KeptHistory {
  readonly #folder: string;
  readonly #log: Logger;
  #unwritten: string | undefined;

  constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /** Why the newest counts are not on disk, while they are not. */
  get unwritten(): string | undefined {
    return this.#unwritten;
  }

  async read(): Promise<{ readonly recent: KeptRecent | undefined; readonly older: KeptOlder }> {
    const recent = await this.#read<KeptRecent>('recent');
    const older = await this.#read<{ deployments: KeptOlder }>('older');
    return { recent, older: older?.deployments ?? {} };
  }

  /** A disk that takes nothing is told and sat out: the next minute tries again. Whether it is on disk. */
  writeOlder(text: string): Promise<boolean> {
    return this.#write('older', text);
  }

  writeRecent(text: string): Promise<boolean> {
    return this.#write('recent', text);
  }

  async #write(name: string, text: string): Promise<boolean> {
    try {
      await writeDurably(this.#path(name), text);
      this.#unwritten = undefined;
      return true;
    } catch (error) {
      if (this.#unwritten === undefined) {
        this.#log.error(
          { file: this.#path(name), error: messageOf(error) },
          'counts of service levels cannot be written',
        );
      }
      this.#unwritten = messageOf(error);
      return false;
    }
  }

  /** A file that cannot be read is put aside: counting begins anew. */
  async #read<T>(name: string): Promise<T | undefined> {
    const path = this.#path(name);
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch {
      return undefined;
    }
    try {
      const { version, ...content } = JSON.parse(text);
      if (version !== 1) throw new Error(`it is of version ${version}`);
      return content as T;
    } catch (error) {
      const aside = `${path}.broken`;
      this.#log.error({ path: aside, error: messageOf(error) }, 'counts of service levels cannot be read');
      await rm(aside, { force: true });
      await rename(path, aside).catch(() => {});
      return undefined;
    }
  }

  #path(name: string): string {
    return join(this.#folder, `${name}.json`);
  }
}
