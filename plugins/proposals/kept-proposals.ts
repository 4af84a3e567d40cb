/** What is known of each open proposal, on disk: what was told of it and what is under way. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Logger, messageOf } from '../../core/plugin.ts';
import { removeDurably, writeDurably } from '../../libraries/durable-file/index.ts';
import type { Verdict } from './proposals.ts';

export interface KeptProposal {
  readonly number: number;
  readonly title: string;
  readonly key: string | null;
  /** As they were seen last. */
  readonly head: string;
  readonly told?: Told;
  /** Written before it is merged, so that what allowed it is known after a crash. */
  readonly merging?: MergeFacts;
}

/** What the forge was told last. */
export interface Told {
  readonly head: string;
  readonly base: string;
  /** Digests of what was written, so that it is written once. */
  readonly comment: string;
  readonly reports: string;
  /** What a reader would notice: the comment is not written anew for less, at least not at once. */
  readonly shape: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly verdict: Verdict['state'];
}

export interface MergeFacts {
  readonly head: string;
  readonly base: string;
  readonly by: { readonly name: string; readonly email?: string };
  readonly approvals: readonly { readonly name: string; readonly email?: string }[];
  readonly checks: Readonly<Record<string, string>>;
  readonly breakGlass: Verdict['breakGlass'];
}

export class KeptProposals {
  readonly #folder: string;
  readonly #log: Logger;
  readonly #proposals = new Map<number, KeptProposal>();

  private constructor(folder: string, log: Logger) {
    this.#folder = folder;
    this.#log = log;
  }

  /** A file that cannot be read is as good as none: all of it can be seen again. */
  static async open(folder: string, log: Logger): Promise<KeptProposals> {
    await mkdir(folder, { recursive: true });
    const kept = new KeptProposals(folder, log);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (!/^\d+\.json$/.test(name)) {
        if (name.endsWith('.draft')) await rm(path, { force: true });
        continue;
      }
      try {
        const one = JSON.parse(await readFile(path, 'utf8')) as KeptProposal;
        if (`${one.number}.json` !== name) throw new Error('it is about another proposal');
        kept.#proposals.set(one.number, one);
      } catch (error) {
        log.warn({ path, error: messageOf(error) }, 'what was known of a proposal cannot be read');
        await rm(path, { force: true });
      }
    }
    return kept;
  }

  all(): readonly KeptProposal[] {
    return [...this.#proposals.values()];
  }

  get(number: number): KeptProposal | undefined {
    return this.#proposals.get(number);
  }

  /** Known at once; on disk when this resolves. A full disk costs a repetition after a restart, no more. */
  async put(one: KeptProposal): Promise<void> {
    this.#proposals.set(one.number, one);
    await writeDurably(this.#pathOf(one.number), JSON.stringify(one)).catch((error: unknown) =>
      this.#log.warn({ number: one.number, error: messageOf(error) }, 'a proposal cannot be kept in mind'),
    );
  }

  async remove(number: number): Promise<void> {
    this.#proposals.delete(number);
    await removeDurably(this.#pathOf(number));
  }

  #pathOf(number: number): string {
    return join(this.#folder, `${number}.json`);
  }
}
